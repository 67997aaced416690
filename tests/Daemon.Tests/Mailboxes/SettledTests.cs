using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>Settled is what has been judged, by the rules of now, or is gone: sums of groups wait for it.</summary>
public sealed class SettledTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ManualResetEventSlim _answers = new(initialState: true);
    private readonly Location[] _locations;
    private readonly MailWatch _watch;
    private QuotaLimit _limit = new(1000, 0);

    public SettledTests()
    {
        var mailbox = Path.Combine(_scratch.FullName, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        _locations = [Locations.OfMailbox(mailbox)];
        _watch = MailWatch.Start(new MailWatchOptions { Workers = 1, RulesOf = RulesOf }, out _)!;
    }

    public void Dispose()
    {
        _answers.Set();
        _watch.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Explore_FoundAgainBeforeItWasJudged_IsStillAwaited()
    {
        _answers.Reset();
        await _watch.Explore(_locations);
        var settled = _watch.AllSettled();

        await _watch.Explore(_locations);

        Assert.Equal(1, _watch.Unsettled);
        Assert.False(settled.IsCompleted);
        _answers.Set();
        LiveWatch.WaitFor(() => settled.IsCompleted, () => "it was never judged");
        await _watch.Explore(_locations);
        Assert.Equal(0, _watch.Unsettled);
    }

    [Fact]
    public async Task RulesChanged_LetGoBeforeItsWorkerKnows_IsNotAwaited()
    {
        await _watch.Explore(_locations);
        await _watch.AllSettled();
        using (new BusyWorker(_watch))
        {
            _limit = new(2000, 0);
            _watch.RulesChanged(null);
            await _watch.Explore([]);
        }

        await _watch.RoundTrip();

        Assert.Equal(0, _watch.Count);
        Assert.Equal(0, _watch.Unsettled);
    }

    private MailboxRules RulesOf(string user)
    {
        _answers.Wait();
        return new MailboxRules(CountingPolicy.MaildirPlusPlus, new ConfiguredLimit(_limit, Forced: true));
    }
}
