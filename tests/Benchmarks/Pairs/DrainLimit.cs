using System.Diagnostics;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// Reads a filled queue and looks through it; optionally hands each record to a worker's queue as well.
/// </summary>
internal sealed class DrainLimit(string directory, int renames, bool handOver)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(KernelReader.BufferLength, pinned: true);

    public Reading Run()
    {
        using var inotify = Inotify.Create(out _)!;
        using var worker = new EventQueue();
        var table = new WatchTable(inotify, [worker]);
        var fd = Files.OpenDirectory(BytePath.FromString(directory), followLinks: false, out _);
        table.Add(fd, InotifyMask.IN_MOVED_FROM | InotifyMask.IN_MOVED_TO, new WatchOwner(1, 1), out _);
        var one = "1795000000.M123456P4711.mail.example.org,S=1234:2,S"u8;
        var other = "1795000000.M123456P4711.mail.example.org,S=1234:2,RS"u8;
        Files.Close(Files.Open(fd, one, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0x180, out _));
        for (var i = 0; i < renames; i++)
            Files.RenameAt(fd, i % 2 == 0 ? one : other, fd, i % 2 == 0 ? other : one);

        var since = Stopwatch.GetTimestamp();
        long events = 0, names = 0;
        List<EventQueue.Chunk> chunks = [];
        int length;
        while ((length = handOver ? table.Pump(_buffer, out _) : inotify.Read(_buffer, out _)) > 0)
            if (handOver)
            {
                chunks = worker.Take(chunks, out _);
                foreach (var chunk in chunks)
                    while (chunk.Next(out _, out var name))
                        (events, names) = (events + 1, names + name.Length);
                worker.Recycle(chunks);
            }
            else
            {
                foreach (var record in new InotifyRecords(_buffer.AsSpan(0, length)))
                    (events, names) = (events + 1, names + record.Name.Length);
            }

        var took = Stopwatch.GetElapsedTime(since);
        Files.UnlinkAt(fd, one);
        Files.UnlinkAt(fd, other);
        Files.Close(fd);
        GC.KeepAlive(names);
        return new Timing(took.TotalMicroseconds, events);
    }
}
