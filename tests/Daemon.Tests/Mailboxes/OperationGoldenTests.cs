using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Goldens;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;
using System.Text;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>
/// Every operation of <c>tests/Goldens/operations</c> beside a live watch: what is missing is appended, nothing else.
/// </summary>
public class OperationGoldenTests : IDisposable
{
    private static readonly Dictionary<string, OperationGolden> All =
        OperationGolden.Load().ToDictionary(golden => golden.Id);

    internal virtual SourceChoice Source => SourceChoice.Inotify;

    private readonly ScratchDirectory _directory = new();

    public static TheoryData<string> Ids => [.. All.Keys];

    private string Root => Path.Combine(_directory.FullName, "Maildir");

    private string Ledger => Path.Combine(Root, "maildirsize");

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Watch_AfterOperation_AppendsExactlyWhatIsMissing(string id)
    {
        var golden = All[id];
        LiveWatch.MakeMaildir(Root);
        Put(golden.TruthBefore);
        File.WriteAllBytes(Ledger, golden.LedgerBefore);
        using var live = new LiveWatch(LiveWatch.Counting(golden.Policy, Source), Root);

        using (live.Hold())
        {
            Write(golden);
            Put(golden.TruthAfter);
        }

        live.Settle();
        live.WaitUntil(Root, golden.TruthAfter);

        Assert.Equal(Encoding.ASCII.GetString(Expected(golden)), File.ReadAllText(Ledger));
    }

    /// <summary>What the program does to the ledger.</summary>
    private void Write(OperationGolden golden)
    {
        var rewritten = !golden.LedgerAfter.AsSpan().StartsWith(golden.LedgerBefore);
        if (rewritten || golden.Id == "O17")
        {
            var fresh = Path.Combine(Root, "tmp/1.2.host");
            File.WriteAllBytes(fresh, golden.LedgerAfter);
            File.Move(fresh, Ledger, overwrite: true);
        }
        else
        {
            using var file = new FileStream(Ledger, FileMode.Append);
            file.Write(golden.LedgerAfter.AsSpan(golden.LedgerBefore.Length));
        }
    }

    /// <summary>Makes the mailbox hold that: the messages there are go, in one step each, the right ones
    /// come.</summary>
    private void Put(Usage usage)
    {
        foreach (var old in Directory.GetFiles(Path.Combine(Root, "cur")))
            File.Delete(old);
        for (var left = usage.Messages; left > 0; left--)
        {
            var bytes = left == 1 ? usage.Bytes - usage.Messages + 1 : 1;
            var name = $"{Guid.NewGuid():n},S={bytes}";
            File.WriteAllText(Path.Combine(Root, "tmp", name), "");
            File.Move(Path.Combine(Root, "tmp", name), Path.Combine(Root, "cur", name + ":2,S"));
        }
    }

    private static byte[] Expected(OperationGolden golden)
    {
        if (golden.Recalculate is not null)
            return Encoding.ASCII.GetBytes($"100000S\n{Line(golden.TruthAfter - Usage.Zero)}");
        return golden.Drift is { IsZero: false } drift
            ? [.. golden.LedgerAfter, .. Encoding.ASCII.GetBytes(Line(drift))]
            : golden.LedgerAfter;
    }

    private static string Line(UsageDelta delta)
    {
        var line = new byte[MaildirSizeFormat.MaximumLine];
        return Encoding.ASCII.GetString(line, 0, MaildirSizeFormat.FormatLine(delta, line));
    }
}
