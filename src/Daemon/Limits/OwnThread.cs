using System.Threading.Channels;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// A thread for a library that blocks, so that no other work waits for it. Does one thing after the other; without
/// work it sleeps, and after <see cref="Idle"/> calls back once, so that a connection can be closed. Any thread asks.
/// </summary>
internal sealed class OwnThread : IDisposable
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>();
    private readonly Action? _idle;

    /// <param name="idle">Called on the thread when there has been no work for a while, and at the end.</param>
    public OwnThread(string name, Action? idle = null)
    {
        _idle = idle;
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    public static TimeSpan Idle { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Its result, or its exception. What has been given up before its turn is never begun.</summary>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken stop)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var accepted = _work.Writer.TryWrite(() =>
        {
            if (stop.IsCancellationRequested)
                return;
            try
            {
                done.TrySetResult(work());
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                done.TrySetException(e);
            }
        });
        return accepted
            ? done.Task.WaitAsync(stop)
            : Task.FromException<T>(new ObjectDisposedException(nameof(OwnThread)));
    }

    /// <summary>Takes no more; the thread ends by itself, even if a library keeps it for a while.</summary>
    public void Dispose() => _work.Writer.TryComplete();

    private void Run()
    {
        for (var mayIdle = false; ;)
        {
            while (_work.Reader.TryRead(out var work))
            {
                work();
                mayIdle = _idle is not null;
            }

            var more = _work.Reader.WaitToReadAsync().AsTask();
            if (mayIdle && !more.Wait(Idle))
            {
                _idle!();
                mayIdle = false;
            }

            if (more.GetAwaiter().GetResult())
                continue;
            _idle?.Invoke();
            return;
        }
    }
}
