using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// One mailbox and what mail programs do to it, by system calls, nothing allocated for each. One writer at a time.
/// Messages are almost empty: their names carry the size.
/// </summary>
internal sealed class BenchMailbox : IDisposable
{
    private const int Longest = 128;

    /// <summary>When the messages there at the start, and those copied in, were delivered: long ago.</summary>
    private const long LongAgo = 1_600_000_000;

    private readonly Stack<(long Second, int Number)> _delivered = new();
    private readonly List<string> _folders = [];
    private readonly int _number;
    private int _tmp = -1;
    private int _new = -1;
    private int _cur = -1;
    private int _filled;
    private int _last;
    private int _flagChanges;

    public BenchMailbox(string store, int number)
    {
        _number = number;
        Path = System.IO.Path.Combine(store, "m" + number.ToString("D6", CultureInfo.InvariantCulture), "Maildir");
    }

    /// <summary>The mailbox's root.</summary>
    public string Path { get; }

    public int Number => _number;

    /// <summary>What lies there.</summary>
    public Usage Usage { get; private set; }

    /// <summary>Whether there is a message to change the flags of.</summary>
    public bool HasFilled => _filled > 0;

    public bool HasDelivered => _delivered.Count > 0;

    public bool HasFolder => _folders.Count > 0;

    /// <summary>Makes the mailbox.</summary>
    /// <param name="folders">Beside INBOX.</param>
    /// <param name="messages">Spread over all of them.</param>
    /// <param name="sized">Their names carry the size; else they are empty files, and the usage is not known.</param>
    /// <param name="stop">Ends it early.</param>
    public void Fill(int folders, int messages, bool sized, CancellationToken stop)
    {
        MaildirMaker.Make(Path);
        Open();
        _filled = messages / (folders + 1) + messages % (folders + 1);
        FillCur(_cur, _filled, sized, stop);
        for (var folder = 0; folder < folders; folder++)
        {
            var name = ".Folder" + folder.ToString(CultureInfo.InvariantCulture);
            var path = System.IO.Path.Combine(Path, name);
            MaildirMaker.Make(path);
            _folders.Add(path);
            var cur = Directory(path, "cur");
            FillCur(cur, messages / (folders + 1), sized, stop);
            Files.Close(cur);
        }

        Dispose();
    }

    /// <summary>Takes over a mailbox that was made elsewhere as <see cref="Fill"/> makes them.</summary>
    /// <param name="inInbox">Messages in INBOX's cur.</param>
    /// <param name="usage">All that is there.</param>
    public void Adopt(int inInbox, Usage usage) => (_filled, _last, Usage) = (inInbox, (int)usage.Messages, usage);

    /// <summary>A message into new, by rename from tmp.</summary>
    /// <param name="before">Told what the mailbox is about to hold, and the time, just before the rename.</param>
    public void Deliver(Action<int, Usage, long>? before = null)
    {
        Open();
        Span<byte> buffer = stackalloc byte[Longest];
        var number = _last++;
        // As real names do: the engine believes a delivery by the second its name begins with.
        var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var name = Name(buffer, second, number, "");
        Create(_tmp, name);
        Usage += new UsageDelta(Size(number), 1);
        _delivered.Push((second, number));
        before?.Invoke(_number, Usage, Stopwatch.GetTimestamp());
        Check(Files.RenameAt(_tmp, name, _new, name));
    }

    /// <summary>The next message in cur gets another flag, or loses it again.</summary>
    public void ChangeFlag()
    {
        Open();
        Span<byte> buffer = stackalloc byte[2 * Longest];
        var number = _flagChanges % _filled;
        var isSet = _flagChanges++ / _filled % 2 == 1;
        var from = Name(buffer, LongAgo, number, isSet ? ":2,RS" : ":2,S");
        var to = Name(buffer[Longest..], LongAgo, number, isSet ? ":2,S" : ":2,RS");
        Check(Files.RenameAt(_cur, from, _cur, to));
    }

    /// <summary>The message delivered last is removed.</summary>
    public void Expunge()
    {
        Open();
        Span<byte> buffer = stackalloc byte[Longest];
        var (second, number) = _delivered.Pop();
        Check(Files.UnlinkAt(_new, Name(buffer, second, number, "")));
        Usage += new UsageDelta(-Size(number), -1);
    }

    /// <summary>Copies a directory of messages into cur by the program that administrators use.</summary>
    /// <param name="rsync">Path of the program.</param>
    /// <param name="source">Directory with messages, under names that are not in cur yet.</param>
    /// <param name="held">What it holds.</param>
    public void CopyIn(string rsync, string source, Usage held)
    {
        using var process = Process.Start(rsync, ["-a", source + "/", System.IO.Path.Combine(Path, "cur") + "/"]);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new IOException($"rsync ended with {process.ExitCode}");
        Usage += held - Usage.Zero;
    }

    /// <summary><c>rm -r</c> of the last folder.</summary>
    /// <returns>Messages that were in it.</returns>
    public long RemoveFolder()
    {
        var folder = _folders[^1];
        _folders.RemoveAt(_folders.Count - 1);
        var held = BenchJudge.Truth(folder);
        System.IO.Directory.Delete(folder, recursive: true);
        Usage += Usage.Zero - held;
        return held.Messages;
    }

    /// <summary>Closes what is open; the next operation opens it again.</summary>
    public void Dispose()
    {
        foreach (var fd in (ReadOnlySpan<int>)[_tmp, _new, _cur])
            if (fd >= 0)
                Files.Close(fd);
        _tmp = _new = _cur = -1;
    }

    private static int Size(int number) => 1000 + number % 5000;

    private static int Directory(string parent, string name)
    {
        var path = BytePath.FromString(System.IO.Path.Combine(parent, name));
        var fd = Files.OpenDirectory(path, followLinks: false, out var errno);
        return fd >= 0 ? fd : throw new IOException(new SystemCallError("open", path.Display, errno).ToString());
    }

    private static void Create(int directory, ReadOnlySpan<byte> name)
    {
        const int Flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
        var fd = Files.Open(directory, name, Flags, 0x180, out var errno);
        Check(errno);
        Files.Write(fd, "Subject: bench\n\nOne.\n"u8, out errno);
        Files.Close(fd);
        Check(errno);
    }

    private static void Check(Errno errno)
    {
        if (errno.IsError)
            throw new IOException(new SystemCallError("bench", "its own store", errno).ToString());
    }

    private Span<byte> Name(Span<byte> buffer, long second, int number, string info)
    {
        Utf8.TryWrite(buffer, $"{second}.M{number}P{_number}.bench,S={Size(number)}{info}", out var length);
        return buffer[..length];
    }

    private void Open()
    {
        if (_tmp < 0)
            (_tmp, _new, _cur) = (Directory(Path, "tmp"), Directory(Path, "new"), Directory(Path, "cur"));
    }

    private void FillCur(int cur, int messages, bool sized, CancellationToken stop)
    {
        const int Flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
        Span<byte> buffer = stackalloc byte[Longest];
        for (var i = 0; i < messages; i++)
        {
            if (i % 1024 == 0)
                stop.ThrowIfCancellationRequested();
            var number = _last++;
            var name = Name(buffer, LongAgo, number, ":2,S");
            if (!sized)
                name = name[..name.IndexOf(",S="u8)];
            var fd = Files.Open(cur, name, Flags, 0x180, out var errno);
            Check(errno);
            Files.Close(fd);
            Usage += new UsageDelta(Size(number), 1);
        }
    }
}
