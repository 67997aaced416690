using System.Globalization;
using System.Text;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>
/// The scratch mailbox of the demonstration, as other programs use it, and its two totals counted without any of the
/// daemon's own code.
/// </summary>
internal sealed class DemoMailbox
{
    private readonly string _scratch;
    private int _messages;

    /// <param name="scratch">An empty directory.</param>
    public DemoMailbox(string scratch)
    {
        _scratch = scratch;
        MaildirMaker.Make(Root);
        MaildirMaker.Make(Archive);
    }

    public string Root => Path.Combine(_scratch, "Maildir");

    private string Archive => Path.Combine(Root, ".Archive");

    private string Elsewhere => Path.Combine(_scratch, "moved-away");

    private string LedgerPath => Path.Combine(Root, "maildirsize");

    /// <summary>Length of <c>maildirsize</c> in bytes.</summary>
    public long LedgerLength => new FileInfo(LedgerPath).Length;

    /// <summary>A whole message, under a name that tells its size, by rename from tmp.</summary>
    /// <returns>Its path.</returns>
    public string Deliver(int bytes, bool toArchive = false)
    {
        var maildir = toArchive ? Archive : Root;
        var name = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.M{++_messages}P{Environment.ProcessId}.demo,S={bytes}";
        var temporary = Path.Combine(maildir, "tmp", name);
        WriteLetter(temporary, bytes);
        var delivered = Path.Combine(maildir, "new", name);
        File.Move(temporary, delivered);
        return delivered;
    }

    /// <summary>As Courier, maildrop and Exim do: first the line in the ledger, then the message.</summary>
    public string Account(int bytes)
    {
        // Not FileMode.Append, which is no O_APPEND and would destroy a concurrent line.
        const int Flags = OpenFlags.O_WRONLY | OpenFlags.O_APPEND | OpenFlags.O_CLOEXEC;
        var fd = Files.Open(BytePath.FromString(LedgerPath), Flags, 0, out var errno);
        if (fd < 0)
            throw new IOException(new SystemCallError("open", LedgerPath, errno).ToString());
        Files.Write(fd, Encoding.ASCII.GetBytes($"{bytes} 1\n"), out _);
        Files.Close(fd);
        return Deliver(bytes);
    }

    /// <summary>Straight into cur, under any name.</summary>
    public string CopyCarelessly(int bytes)
    {
        var path = Path.Combine(Root, "cur", "letter.eml");
        WriteLetter(path, bytes);
        return path;
    }

    /// <summary>As a mail program does when a message is read.</summary>
    public static void MarkRead(string message)
    {
        var cur = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(message)!)!, "cur");
        File.Move(message, Path.Combine(cur, Path.GetFileName(message) + ":2,S"));
    }

    public void MoveArchiveAway() => Directory.Move(Archive, Elsewhere);

    public void MoveArchiveBack() => Directory.Move(Elsewhere, Archive);

    /// <summary>What really lies there: every file in new and cur of every folder.</summary>
    public Usage CountTruth()
    {
        long bytes = 0, messages = 0;
        foreach (var folder in Directory.GetDirectories(Root, ".*").Append(Root))
            foreach (var part in (ReadOnlySpan<string>)["new", "cur"])
                foreach (var message in new DirectoryInfo(Path.Combine(folder, part)).EnumerateFiles())
                {
                    bytes += message.Length;
                    messages++;
                }

        return new Usage(bytes, messages);
    }

    /// <summary>What <c>maildirsize</c> says: its lines added up; null when it is missing or makes no sense.</summary>
    public Usage? AddUpLedger()
    {
        if (!File.Exists(LedgerPath))
            return null;
        long bytes = 0, messages = 0;
        foreach (var line in File.ReadAllLines(LedgerPath).Skip(1))
        {
            var numbers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (numbers.Length != 2 || !TryRead(numbers[0], out var size) || !TryRead(numbers[1], out var number))
                return null;
            (bytes, messages) = (bytes + size, messages + number);
        }

        return new Usage(bytes, messages);
    }

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static void WriteLetter(string path, int bytes)
    {
        var letter = "Subject: a demonstration\n\n".PadRight(bytes, '.');
        File.WriteAllText(path, letter[..bytes]);
    }
}
