using System.Text;
using BenchmarkDotNet.Attributes;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Benchmarks;

/// <summary>
/// One event from bytes to totals, timer included: deliveries, flag changes and removals in turn, as an accountant gets
/// them. Nanoseconds an event; allocated bytes must be 0.
/// </summary>
[MemoryDiagnoser]
public class EventBenchmarks : IMailboxFiles, IUsageListener
{
    private const int Messages = 1000;
    private readonly byte[][] _new = [.. Enumerable.Range(0, Messages).Select(i => Name(i, ""))];
    private readonly byte[][] _seen = [.. Enumerable.Range(0, Messages).Select(i => Name(i, ":2,S"))];
    private MailboxAccountant _accountant = null!;
    private int _newDirectory;
    private int _curDirectory;

    [GlobalSetup]
    public void Setup()
    {
        _accountant = new MailboxAccountant(new AccountantOptions(), null, new NameHash(1, 2), this, this);
        var inbox = new MaildirFolder([], 0);
        _newDirectory = _accountant.Index.AddDirectory(inbox);
        _curDirectory = _accountant.Index.AddDirectory(inbox);
        _accountant.Index.ScanDone(_newDirectory);
        _accountant.Index.ScanDone(_curDirectory);
        _accountant.Index.MarkFence(1);
        _accountant.Index.FencePassed(1);
        _accountant.Counted(new Moment(0, 1795312345));
    }

    [Benchmark(OperationsPerInvoke = 4 * Messages)]
    public Usage DeliverFlagRemove()
    {
        var now = new Moment(1, 1795312345);
        for (var i = 0; i < Messages; i++)
        {
            Apply(MaildirEventKind.MovedIn, _newDirectory, _new[i], 0, now);
            Apply(MaildirEventKind.MovedOut, _newDirectory, _new[i], 7, now);
            Apply(MaildirEventKind.MovedIn, _curDirectory, _seen[i], 7, now);
            Apply(MaildirEventKind.Deleted, _curDirectory, _seen[i], 0, now);
        }

        return _accountant.Index.Total;
    }

    MessageStat IMailboxFiles.Stat(int directory, ReadOnlySpan<byte> name) => default;

    LedgerReading IMailboxFiles.ReadLedger() => new() { State = LedgerState.Absent };

    LedgerWrite IMailboxFiles.Append(LedgerReading seen, UsageDelta delta, bool insist) => default;

    LedgerWrite IMailboxFiles.Replace(LedgerReading seen, ReadOnlySpan<byte> header, Usage usage, bool insist) => default;

    void IMailboxFiles.Recheck() => throw new NotSupportedException();

    void IMailboxFiles.Count()
    {
    }

    void IMailboxFiles.Fence()
    {
    }

    bool IMailboxFiles.DeliveryInProgress() => false;

    Usage? IMailboxFiles.CountBy(CountingPolicy policy) => null;

    void IUsageListener.Accept(UsageChange change)
    {
    }

    private static byte[] Name(int number, string info) => Encoding.ASCII.GetBytes(
        $"1795312345.M{number:D6}P4711V0000000000000801I0000000000A1B2C3_0.mail.example.org,S={1000 + number}{info}");

    private void Apply(MaildirEventKind kind, int directory, byte[] name, uint cookie, Moment now) =>
        _accountant.Apply(
            new MaildirEvent { Kind = kind, Directory = directory, Name = name, Cookie = cookie }, now);
}
