using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Runs warning scripts, a few at once, the rest queued without bound. Any thread may enqueue; nothing here makes the
/// caller wait.
/// </summary>
internal sealed class WarningRunner : IAsyncDisposable
{
    private readonly WarningOptions _options;
    private readonly ILogger _log;
    private readonly Channel<(PendingWarning Pending, Action Started)> _queue;
    private readonly CancellationTokenSource _noMoreStarts = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly Task[] _runners;

    public WarningRunner(WarningOptions options, ILogger log)
    {
        (_options, _log) = (options, log);
        _queue = Channel.CreateUnbounded<(PendingWarning, Action)>();
        _runners = [.. Enumerable.Range(0, Math.Max(1, options.Concurrent)).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>Queues one script.</summary>
    /// <param name="started">Called once, when the script runs or is known never to start; not called on stop.</param>
    public void Enqueue(PendingWarning pending, Action started) => _queue.Writer.TryWrite((pending, started));

    /// <summary>Takes no more, and waits until every queued script has ended.</summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_runners).WaitAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Starts no more, gives running scripts the grace, then kills them.</summary>
    public async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await _noMoreStarts.CancelAsync().ConfigureAwait(false);
        _kill.CancelAfter(_options.StopGrace);
        await Task.WhenAll(_runners).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _noMoreStarts.Dispose();
        _kill.Dispose();
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (!_noMoreStarts.IsCancellationRequested && _queue.Reader.TryRead(out var next))
            {
                try
                {
                    await RunOneAsync(next.Pending, next.Started).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    _log.Error(e, "warning {Threshold} of {User} failed", next.Pending.Warning.Threshold.Key,
                        next.Pending.User);
                }
            }
            if (_noMoreStarts.IsCancellationRequested) return;
        }
    }

    private async Task RunOneAsync(PendingWarning pending, Action started)
    {
        using var process = Start(pending);
        started();
        if (process is null) return;
        var command = pending.Warning.Threshold.Command[0];
        process.StandardInput.Close();
        using var outputEnd = new CancellationTokenSource();
        var output = Task.WhenAll(
            ReadAsync(process.StandardOutput, command, pending.User, outputEnd.Token),
            ReadAsync(process.StandardError, command, pending.User, outputEnd.Token));

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_kill.Token);
        limit.CancelAfter(_options.TimeLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            // a background child may hold the pipe open for ever
            outputEnd.CancelAfter(TimeSpan.FromSeconds(1));
            await output.ConfigureAwait(false);
            if (process.ExitCode != 0)
                _log.Warning("{Command} for {User} ended with exit code {Code}", command, pending.User,
                    process.ExitCode);
        }
        catch (OperationCanceledException)
        {
            var why = _kill.IsCancellationRequested
                ? "the daemon stops"
                : $"its time limit of {_options.TimeLimit.TotalSeconds:0.###} s is over";
            _log.Warning("{Command} for {User} was killed: {Why:l}", command, pending.User, why);
            process.Kill(entireProcessTree: true);
            outputEnd.CancelAfter(TimeSpan.FromSeconds(1));
            await output.ConfigureAwait(false);
        }
    }

    private Process? Start(PendingWarning pending)
    {
        var command = pending.Warning.Threshold.Command;
        if (command.Length == 0) return null;
        try
        {
            return Process.Start(ScriptCall.Describe(pending, _options.User));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            _log.Error("{Command} for {User} did not start: {Error}; check that the file exists, has its x bit and "
                + "an interpreter, and that this account may run it", command[0], pending.User, e.Message);
            return null;
        }
    }

    private Task ReadAsync(StreamReader reader, string command, string user, CancellationToken stop) =>
        ScriptOutput.CopyLinesAsync(reader.BaseStream,
            line => _log.Information("{Command} for {User}: {Line}", command, user, line), stop);
}
