using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>
/// Read me first: the whole flow for one mailbox. Events make the truth (<see cref="MailboxIndex"/>); when the mailbox
/// has been quiet for a moment the ledger is read and compared, and what is missing is appended, or the ledger is
/// replaced. Synchronous, one worker at a time, no clock: time comes in with each call.
/// </summary>
/// <remarks>
/// Implementation notes. Others append before the message is visible (Courier, maildrop, Exim), after (Dovecot), or
/// never (rsync, rm); so a difference means nothing until everybody is done. Order of a correction: quiet for the
/// settle time; compare; fence, so that no event is under way; compare again; write, under a lease where there is one,
/// only if the file is still the one that was read. Whatever goes wrong in between, the next comparison heals. A
/// mailbox that never is quiet is corrected after <see cref="AccountantOptions.Patience"/>, when its drift holds still.
/// </remarks>
public sealed partial class MailboxAccountant
{
    /// <summary>Length of a line as Courier pads it; tells about when a ledger nears its end without looking.</summary>
    private const int TypicalLine = 26;

    /// <summary>So often may another program hold the ledger open before it is written all the same.</summary>
    private const int BusyTries = 3;

    private readonly AccountantOptions _options;
    private readonly IMailboxFiles _files;
    // Not readonly: they are part of this object, to keep a mailbox small.
    private MailboxQuiet _quiet;
    private ChangeReports _reports;
    private RebuildContest _contest;
    private LimitContest _limits;

    private Stage _stage = Stage.Counting;
    private long _countBegan;
    private long _activity, _activityAtRequest;
    private bool _ledgerTouchedLast;
    private long _ledgerLength;
    private bool _countingAll = true;
    private bool _freshlyCounted;
    private long _countedAllAt = -1_000_000_000;
    private bool _forced, _rulesChanged;
    private byte _busyTries;
    private int _failures;

    /// <param name="options">Shared by all mailboxes.</param>
    /// <param name="limit">The administrator's limit; null leaves the authority to the header.</param>
    /// <param name="hash">Shared by all mailboxes.</param>
    /// <param name="files">The mailbox on disk.</param>
    /// <param name="listener">Told of changes.</param>
    /// <param name="fresh">Shared by the mailboxes of one worker; null for one alone.</param>
    public MailboxAccountant(
        AccountantOptions options, ConfiguredLimit? limit, NameHash hash, IMailboxFiles files, IUsageListener listener,
        FreshNames? fresh = null)
    {
        _options = options;
        _files = files;
        _quiet = new MailboxQuiet(options);
        _reports = new ChangeReports(listener);
        _contest = new RebuildContest(files);
        _limits.Configured = limit;
        Index = new MailboxIndex(options.Policy, hash, files, fresh ?? new FreshNames(1024));
    }

    private enum Stage
    {
        /// <summary>Some directory is being counted; the truth is not known.</summary>
        Counting,

        /// <summary>Nothing to do.</summary>
        Resting,

        /// <summary>Something happened; waiting for quiet.</summary>
        Settling,

        /// <summary>Decided to write; waiting for the last events.</summary>
        Fencing,
    }

    public MailboxIndex Index { get; }

    /// <summary>The administrator's limit; null leaves the authority to the header.</summary>
    public ConfiguredLimit? Limit => _limits.Configured;

    /// <summary>What was decided last, by the rules that hold now; null before that.</summary>
    public UsageChange? Reported => _reports.Current;

    /// <summary>True while a count that an administrator asked for is wanted: it should be quick.</summary>
    public bool IsForced => _forced;

    /// <summary>When <see cref="Tick"/> wants to be called, monotonic milliseconds; <c>long.MaxValue</c> for
    /// never.</summary>
    public long DueAt { get; private set; } = long.MaxValue;

    /// <summary>Takes one event.</summary>
    public void Apply(in MaildirEvent change, Moment now)
    {
        if (change.Kind == MaildirEventKind.LedgerTouched)
            LedgerTouched();
        else if (Index.Apply(change, now))
            _ledgerTouchedLast = false;
        else
            return;
        Touch(now);
    }

    /// <summary>Something happened in a directory that nobody can follow: it is counted before anything is
    /// decided.</summary>
    public void Suspect(int directory, Moment now)
    {
        Index.SuspectDirectory(directory);
        Touch(now);
    }

    /// <summary>Directories were added to the index, or must be counted again; asks for the count.</summary>
    public void DirectoriesChanged(Moment now)
    {
        Touch(now);
        // After lost events the fence of a decision may be among them.
        if (_stage is Stage.Counting or Stage.Fencing || !Index.IsExact)
            AwaitCount(now);
    }

    /// <summary>An administrator wants the ledger counted and replaced.</summary>
    public void Recalculate(Moment now)
    {
        _forced = true;
        Touch(now);
        Index.BeginCounts(all: true);
        _countingAll = true;
        AwaitCount(now);
    }

    /// <summary>The administrator's limit is another one now.</summary>
    public void SetLimit(ConfiguredLimit? limit, Moment now)
    {
        if (limit == Limit)
            return;
        _limits.Configured = limit;
        _reports.Outdate();
        Touch(now);
    }

    /// <summary><see cref="MailboxIndex.Reassign"/> has changed what counts: no line is missing, the ledger is
    /// replaced.</summary>
    public void RulesChanged(Moment now)
    {
        _rulesChanged = true;
        _reports.Outdate();
        _contest.Forget();
        Touch(now);
    }

    /// <summary>A count that <see cref="IMailboxFiles.Count"/> asked for is complete, the fence after it
    /// included.</summary>
    public void Counted(Moment now)
    {
        if (_stage != Stage.Counting || !Index.IsExact)
            return;
        // The time a count takes is not time without quiet.
        if (_countingAll)
            _quiet.Begin(now);
        else
            _quiet.Discount(now.Milliseconds - _countBegan);
        var patienceGone = _quiet.IsOverdue(now);
        if (_countingAll && !Index.TakeRestored())
            (_freshlyCounted, _countedAllAt) = (true, now.Milliseconds);
        _countingAll = false;
        // After lost events nobody knows how long it has been quiet: somebody may be in the middle of a delivery.
        var quiet = _reports.Last is not null && _activity == _activityAtRequest && _quiet.IsQuiet(now);
        Settle(now, quiet ? now.Milliseconds : now.Milliseconds + _quiet.Settle);
        if (quiet || patienceGone)
            Compare(now, fenced: true);
    }

    /// <summary>Everything that happened before <see cref="IMailboxFiles.Fence"/> has been applied.</summary>
    public void FencePassed(Moment now)
    {
        if (_stage != Stage.Fencing)
            return;
        _stage = Stage.Settling;
        if (_activity == _activityAtRequest || _quiet.IsOverdue(now))
            Compare(now, fenced: true);
        else
            DueAt = _quiet.QuietAt;
    }

    /// <summary>To be called when <see cref="DueAt"/> is reached.</summary>
    public void Tick(Moment now)
    {
        if (now.Milliseconds < DueAt)
            return;
        DueAt = long.MaxValue;
        if (_stage is Stage.Counting or Stage.Fencing)
            return;
        if (_stage == Stage.Resting)
            _quiet.Begin(now);
        if (_stage == Stage.Settling && !_quiet.IsQuiet(now) && !_quiet.IsOverdue(now))
            DueAt = _quiet.QuietAt;
        else
            Compare(now, fenced: false);
    }

    /// <summary>
    /// Merges the lines of a ledger that is about to reach 5120 bytes into one, its sum unchanged: in a mailbox that is
    /// never quiet for long, whoever delivers next would pay for a recount. Nothing is judged, so no quiet is needed.
    /// </summary>
    private void LedgerTouched()
    {
        _ledgerTouchedLast = true;
        _ledgerLength += TypicalLine;
        if (_ledgerLength < LedgerDecision.ReplaceLength || _options.Observe || !Index.IsExact)
            return;

        var reading = _files.ReadLedger();
        // Of one that is gone it is still known that there was one.
        if (reading.State == LedgerState.Present)
            _ledgerLength = reading.Identity.Length;
        if (reading.Ledger is not { Recalculate: null, Limit: { } limit, Usage: { } used } ledger
            || ledger.Length < LedgerDecision.ReplaceLength
            || limit != _limits.Header(reading) || limit.IsOver(used)
            || _contest.Verdict is not null
            || _files.Replace(reading, ledger.Header, used, insist: false).Outcome != LedgerOutcome.Written)
            return;
        _ledgerLength = 0;
        _contest.WeReplaced(_files.ReadLedger().Identity);
        var decision = LedgerDecision.For(reading, used, _limits.Wanted(reading));
        Report(LedgerAction.Replaced, decision, reading, null, judged: false);
    }

    private void Compare(Moment now, bool fenced)
    {
        if (Index.HasSuspects)
        {
            Index.BeginCounts(all: false);
            AwaitCount(now);
            return;
        }

        var reading = _files.ReadLedger();
        if (reading.State == LedgerState.Present)
            _ledgerLength = reading.Identity.Length;
        var decision = LedgerDecision.For(
            reading, Index.Total, _limits.Wanted(reading), _forced, _options.Create, _rulesChanged);
        _contest.Observe(reading, Index);

        switch (decision.Action)
        {
            case LedgerAction.None or LedgerAction.Absent:
                Rest(decision.RefreshIn(reading) is { } left ? now.Milliseconds + left : long.MaxValue);
                Report(decision.Action, decision, reading, null);
                break;
            case LedgerAction.Failed:
                // No event tells that another hard link has gone; an unclear limit can only change in the file.
                Fail(decision, reading, decision.Problem, now, retry: reading.State != LedgerState.Present);
                break;
            case LedgerAction.Appended or LedgerAction.Replaced
                when _contest.Verdict is { } verdict && decision.Reason != RecalcReason.Forced:
                Rest(long.MaxValue);
                Report(LedgerAction.Contested, decision, reading, verdict);
                break;
            default:
                Correct(decision, reading, now, fenced);
                break;
        }
    }

    private void Correct(LedgerDecision decision, LedgerReading reading, Moment now, bool fenced)
    {
        var append = decision.Action == LedgerAction.Appended;
        if (append && (MayBeMidDelivery(decision.Delta, now) || !_quiet.HoldsStill(decision.Delta, now)))
        {
            Settle(now, _quiet.NextLook(now));
        }
        else if (decision.Reason == RecalcReason.Missing && _ledgerLength > 0 && !_quiet.IsLongQuiet(now))
        {
            // It was there. Who removes a mailbox cannot remove a directory in which a new file appears meanwhile.
            Settle(now, _quiet.NextLook(now));
        }
        else if (_options.Observe)
        {
            Rest(long.MaxValue);
            Report(append ? LedgerAction.WouldAppend : LedgerAction.WouldReplace, decision, reading, null);
        }
        else if (!append && !_freshlyCounted && !decision.HoldsAfterCount(now.Milliseconds - _countedAllAt))
        {
            _files.Recheck();
            _countingAll = true;
            AwaitCount(now);
        }
        else if (!fenced)
        {
            _stage = Stage.Fencing;
            DueAt = long.MaxValue;
            _activityAtRequest = _activity;
            _files.Fence();
        }
        else
        {
            Write(decision, reading, now);
        }
    }

    private void Write(LedgerDecision decision, LedgerReading reading, Moment now)
    {
        var append = decision.Action == LedgerAction.Appended;
        var insist = _busyTries >= BusyTries;
        var write = append
            ? _files.Append(reading, decision.Delta, insist)
            : _files.Replace(reading, decision.HeaderFor(reading), Index.Total, insist);

        switch (write.Outcome)
        {
            case LedgerOutcome.Written:
                if (!append)
                    _contest.WeReplaced(_files.ReadLedger().Identity);
                var problem = decision.Reason == RecalcReason.LimitChanged ? _limits.Note(reading, now) : null;
                Rest(long.MaxValue);
                Report(decision.Action, decision, reading, problem);
                break;
            case LedgerOutcome.Busy:
                _busyTries++;
                Settle(now, now.Milliseconds + _quiet.Settle / 2);
                break;
            case LedgerOutcome.Changed:
                Settle(now, now.Milliseconds + _quiet.Settle);
                break;
            default:
                Fail(decision, reading, write.Problem, now, retry: true);
                break;
        }
    }

    /// <summary>
    /// The ledger is ahead of the mailbox, nothing shows that its last change is over, and some <c>tmp/</c> is being
    /// written: somebody has entered a message that is about to appear (Courier, maildrop, Exim append first).
    /// </summary>
    private bool MayBeMidDelivery(UsageDelta drift, Moment now) =>
        (drift.Bytes < 0 || drift.Messages < 0)
        && (_ledgerTouchedLast || !_quiet.IsQuiet(now))
        && !_quiet.IsLongOverdue(now)
        && _files.DeliveryInProgress();
}
