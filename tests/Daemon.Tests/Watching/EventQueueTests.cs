using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Watching;

public sealed class EventQueueTests : IDisposable
{
    private readonly EventQueue _queue = new();

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void Wait_SignalledBefore_DoesNotSleep()
    {
        _queue.Signal();

        _queue.Wait(-1);
    }

    [Fact]
    public void Add_WriterAndReader_EachRecordArrivesInOrderAndNobodySleepsForEver()
    {
        const int many = 200_000;
        var writer = new Thread(() =>
        {
            for (var i = 1; i <= many; i++)
            {
                _queue.Add(new EventHeader { Mailbox = i }, BitConverter.GetBytes(i));
                // Of all lengths, one record to fifty: the reader sleeps often, and is often found awake.
                if (i % (1 + i % 50) == 0 || i == many)
                    _queue.Flush();
            }
        });

        var reader = new Thread(ReadUntil(many)) { IsBackground = true };
        reader.Start();
        writer.Start();

        Assert.True(reader.Join(TimeSpan.FromMinutes(2)), $"asleep after {_taken} records");
        Assert.Null(_wrong);
    }

    [Fact]
    public void Lose_WhileTheReaderSleeps_WakesAndTellsIt()
    {
        var told = false;
        var reader = new Thread(() =>
        {
            while (!told)
            {
                _queue.Wait(-1);
                _queue.Recycle(_queue.Take([], out told));
            }
        }) { IsBackground = true };
        reader.Start();

        _queue.Lose();
        _queue.Flush();

        Assert.True(reader.Join(TimeSpan.FromMinutes(2)));
    }

    private int _taken;
    private string? _wrong;

    private ThreadStart ReadUntil(int last) => () =>
    {
        List<EventQueue.Chunk> chunks = [];
        while (_taken < last)
        {
            _queue.Wait(-1);
            chunks = _queue.Take(chunks, out var lost);
            _wrong ??= lost ? "lost" : null;
            foreach (var chunk in chunks)
                while (chunk.Next(out var header, out var name))
                {
                    if (header.Mailbox != _taken + 1 || BitConverter.ToInt32(name) != header.Mailbox)
                        _wrong ??= $"{header.Mailbox} after {_taken}";
                    Volatile.Write(ref _taken, _taken + 1);
                }

            _queue.Recycle(chunks);
        }
    };
}
