using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// Reads a filled fanotify queue of creations: translated and dispatched to a worker's queue, or dropped because the
/// directory is nobody's.
/// </summary>
internal sealed class FanotifyDrainLimit(string directory, int creations, bool watched)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(KernelReader.BufferLength, pinned: true);

    public Timing Run()
    {
        using var fanotify = Fanotify.Create(out _)!;
        using var worker = new EventQueue();
        var table = new WatchTable(fanotify, [worker]);
        var other = Directory.CreateDirectory(Path.Combine(directory, "other")).FullName;
        var known = Files.OpenDirectory(BytePath.FromString(directory), followLinks: false, out _);
        var fd = Files.OpenDirectory(BytePath.FromString(watched ? directory : other), followLinks: false, out _);
        table.Add(known, InotifyMask.IN_CREATE | InotifyMask.IN_DELETE, new WatchOwner(1, 1), out _);
        for (var i = 0; i < creations; i++)
            Files.Close(Files.Open(fd, Name(i), OpenFlags.O_CREAT | OpenFlags.O_RDONLY, 0x180, out _));

        var since = Stopwatch.GetTimestamp();
        List<EventQueue.Chunk> chunks = [];
        while (table.Pump(_buffer, out _) >= 0)
        {
            chunks = worker.Take(chunks, out _);
            worker.Recycle(chunks);
        }

        var took = Stopwatch.GetElapsedTime(since);
        if (table.Events < (watched ? creations : 0))
            throw new InvalidOperationException($"{table.Events} of {creations} events came");
        for (var i = 0; i < creations; i++)
            Files.UnlinkAt(fd, Name(i));
        Files.Close(fd);
        Files.Close(known);
        return new Timing(took.TotalMicroseconds, creations);
    }

    private static byte[] Name(int number) =>
        Encoding.ASCII.GetBytes($"1795000000.M{number:D6}P4711.mail.example.org,S=1234:2,S");
}
