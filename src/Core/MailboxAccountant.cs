using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>
/// Read me first: the whole flow for one mailbox. Events make the truth (<see cref="MailboxIndex"/>); when the mailbox
/// has been quiet for a moment the ledger is read and compared, and what is missing is appended, or the ledger
/// replaced.
/// Synchronous, one worker at a time, no clock: time comes in with each call.
/// </summary>
/// <remarks>
/// Implementation notes. Others append before the message is visible (Courier, maildrop, Exim), after (Dovecot), or
/// never (rsync, rm); so a difference means nothing until everybody is done. Order of a correction: quiet for the
/// settle
/// time; compare; fence, so that no event is under way; compare again; write, under a lease where there is one, only if
/// the file is still the one that was read. Whatever goes wrong in between, the next comparison heals.
/// A mailbox that never is quiet is corrected after <see cref="AccountantOptions.Patience"/>, when its drift holds
/// still.
/// </remarks>
public sealed class MailboxAccountant
{
    /// <summary>Length of a line as Courier pads it; tells about when a ledger nears its end without looking.</summary>
    private const int TypicalLine = 26;

    /// <summary>So often may another program hold the ledger open before it is written all the same.</summary>
    private const int BusyTries = 3;

    /// <summary>So many equal looks make the drift of a busy mailbox believable.</summary>
    private const int SteadyLooks = 5;

    /// <summary>So often is a limit that somebody else keeps changing back put right before the header is left to
    /// him.</summary>
    private const int LimitRounds = 3;

    /// <summary>Longer headers than this are not kept; two limits take 42 bytes.</summary>
    private const int LongestHeader = 256;

    private readonly AccountantOptions _options;
    private readonly IMailboxFiles _files;
    private readonly IUsageListener _listener;
    private readonly RebuildContest _contest;
    private readonly long _settle;

    private Stage _stage = Stage.Counting;
    private long _firstActivity;
    private long _lastActivity;
    private long _countBegan;
    private long _activity;
    private long _activityAtRequest;
    private bool _ledgerTouchedLast;
    private long _ledgerLength;
    private bool _countingAll = true;
    private bool _freshlyCounted;
    private RecalcReason? _wanted;
    private UsageDelta _steadyDrift;
    private int _steadyLooks;
    private int _busyTries;
    private int _failures;
    private int _limitRounds;
    private UsageChange? _reported;

    public MailboxAccountant(
        AccountantOptions options, QuotaLimit? limit, NameHash hash, IMailboxFiles files, IUsageListener listener)
    {
        _options = options;
        _files = files;
        _listener = listener;
        _settle = (long)options.Settle.TotalMilliseconds;
        _contest = new RebuildContest(options.Policy, files);
        Limit = limit;
        Index = new MailboxIndex(options.Policy, hash, files);
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
    public QuotaLimit? Limit { get; private set; }

    /// <summary>What was decided last; null before the first time.</summary>
    public UsageChange? Reported => _reported;

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

    /// <summary>
    /// Merges the lines of a ledger that is about to reach 5120 bytes into one, its sum unchanged: in a mailbox that is
    /// never quiet for long, whoever delivers next would pay for a recount. No judgement about drift, so no quiet needed.
    /// </summary>
    private void LedgerTouched()
    {
        _ledgerTouchedLast = true;
        _ledgerLength += TypicalLine;
        if (_ledgerLength < LedgerDecision.ReplaceLength || _options.Observe || !Index.IsExact)
            return;

        var reading = _files.ReadLedger();
        _ledgerLength = reading.Identity.Length;
        if (reading.Ledger is not { Recalculate: null, Limit: { } limit, Usage: { } used } ledger
            || ledger.Length < LedgerDecision.ReplaceLength
            || limit != (AuthoritativeLimit(reading) ?? limit) || limit.IsOver(used) || _contest.Verdict is not null
            || _files.Replace(reading, ledger.Header, used, insist: false).Outcome != LedgerOutcome.Written)
            return;
        _ledgerLength = 0;
        _contest.WeReplaced(_files.ReadLedger().Identity);
        var decision = LedgerDecision.For(reading, used, AuthoritativeLimit(reading));
        Report(LedgerAction.Replaced, decision, reading, null, judged: false);
    }

    /// <summary>Directories were added to the index, or must be counted again; asks for the count.</summary>
    public void DirectoriesChanged(Moment now)
    {
        Touch(now);
        if (_stage == Stage.Counting || !Index.IsExact)
            AwaitCount(now);
    }

    /// <summary>The kernel dropped events: nothing known about the mailbox can be trusted.</summary>
    public void LostEvents(Moment now) => CountAgain(RecalcReason.EventsLost, now);

    /// <summary>An administrator wants the ledger counted and replaced.</summary>
    public void Recalculate(Moment now) => CountAgain(RecalcReason.Forced, now);

    /// <summary>The administrator's limit is another one now.</summary>
    public void SetLimit(QuotaLimit? limit, Moment now)
    {
        if (limit == Limit)
            return;
        Limit = limit;
        _limitRounds = 0;
        Touch(now);
    }

    /// <summary>A count that <see cref="IMailboxFiles.Count"/> asked for is complete, the fence after it
    /// included.</summary>
    public void Counted(Moment now)
    {
        if (_stage != Stage.Counting || !Index.IsExact)
            return;
        // The time a count takes is not time without quiet.
        _firstActivity = _countingAll ? now.Milliseconds : _firstActivity + now.Milliseconds - _countBegan;
        var patienceGone = IsOverdue(now);
        _freshlyCounted |= _countingAll;
        _countingAll = false;
        // After lost events nobody knows how long it has been quiet: somebody may be in the middle of a delivery.
        var quiet = _reported is not null && _activity == _activityAtRequest && IsQuiet(now);
        Settle(now, quiet ? now.Milliseconds : now.Milliseconds + _settle);
        if (quiet || patienceGone)
            Compare(now, fenced: true);
    }

    /// <summary>Everything that happened before <see cref="IMailboxFiles.Fence"/> has been applied.</summary>
    public void FencePassed(Moment now)
    {
        if (_stage != Stage.Fencing)
            return;
        _stage = Stage.Settling;
        if (_activity == _activityAtRequest || IsOverdue(now))
            Compare(now, fenced: true);
        else
            DueAt = _lastActivity + _settle;
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
            _firstActivity = now.Milliseconds;
        if (_stage == Stage.Settling && !IsQuiet(now) && !IsOverdue(now))
            DueAt = _lastActivity + _settle;
        else
            Compare(now, fenced: false);
    }

    private void Compare(Moment now, bool fenced)
    {
        if (Index.HasSuspects)
        {
            Index.BeginCounts(all: false);
            AwaitCount(now);
            return;
        }

        var truth = Index.Total;
        var reading = _files.ReadLedger();
        _ledgerLength = reading.Identity.Length;
        var decision = LedgerDecision.For(reading, truth, AuthoritativeLimit(reading), _wanted, _options.Create);
        _contest.Observe(reading, truth);

        switch (decision.Action)
        {
            case LedgerAction.None:
                Rest(RefreshAt(decision, reading, now));
                Report(LedgerAction.None, decision, reading, null);
                break;
            case LedgerAction.Absent:
                Rest(long.MaxValue);
                Report(LedgerAction.Absent, decision, reading, null);
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
        if (append && (MayBeMidDelivery(decision.Delta, now) || !HoldsStill(decision.Delta, now)))
        {
            // Uneven, lest the looks keep step with somebody who delivers as regularly.
            Settle(now, now.Milliseconds + _settle + _steadyLooks * 3 * _settle / 7);
        }
        else if (_options.Observe)
        {
            Rest(long.MaxValue);
            Report(append ? LedgerAction.WouldAppend : LedgerAction.WouldReplace, decision, reading, null);
        }
        else if (!append && !_freshlyCounted)
        {
            Index.BeginCounts(all: true);
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
            : _files.Replace(reading, HeaderFor(decision, reading), Index.Total, insist);

        switch (write.Outcome)
        {
            case LedgerOutcome.Written:
                if (!append)
                    _contest.WeReplaced(_files.ReadLedger().Identity);
                var problem = decision.Reason == RecalcReason.LimitChanged ? NoteLimitRound(reading) : null;
                Rest(long.MaxValue);
                Report(decision.Action, decision, reading, problem);
                break;
            case LedgerOutcome.Busy:
                _busyTries++;
                Settle(now, now.Milliseconds + _settle / 2);
                break;
            case LedgerOutcome.Changed:
                Settle(now, now.Milliseconds + _settle);
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
        (drift.Bytes < 0 || drift.Messages < 0) && (_ledgerTouchedLast || !IsQuiet(now)) && !IsLongOverdue(now)
        && _files.DeliveryInProgress();

    /// <summary>In a quiet mailbox any drift does; in a busy one only one seen several times over.</summary>
    private bool HoldsStill(UsageDelta drift, Moment now)
    {
        if (IsQuiet(now))
            return true;
        _steadyLooks = drift == _steadyDrift ? _steadyLooks + 1 : 1;
        _steadyDrift = drift;
        return _steadyLooks >= SteadyLooks || IsLongOverdue(now);
    }

    private bool IsQuiet(Moment now) => now.Milliseconds - _lastActivity >= _settle;

    private bool IsOverdue(Moment now) => now.Milliseconds - _firstActivity >= _options.Patience.TotalMilliseconds;

    private bool IsLongOverdue(Moment now) =>
        now.Milliseconds - _firstActivity > 10 * _options.Patience.TotalMilliseconds;

    private void Touch(Moment now)
    {
        _activity++;
        _lastActivity = now.Milliseconds;
        if (_stage == Stage.Resting)
            Settle(now, now.Milliseconds + _settle);
    }

    private void CountAgain(RecalcReason reason, Moment now)
    {
        if (_wanted != RecalcReason.Forced)
            _wanted = reason;
        Touch(now);
        Index.BeginCounts(all: true);
        _countingAll = true;
        AwaitCount(now);
    }

    private void AwaitCount(Moment now)
    {
        if (_stage != Stage.Counting)
            _countBegan = now.Milliseconds;
        _stage = Stage.Counting;
        DueAt = long.MaxValue;
        _activityAtRequest = _activity;
        _files.Count();
    }

    private void Settle(Moment now, long due)
    {
        if (_stage == Stage.Resting)
            _firstActivity = now.Milliseconds;
        _stage = Stage.Settling;
        DueAt = due;
    }

    private void Rest(long due)
    {
        _stage = Stage.Resting;
        DueAt = due;
        _freshlyCounted = false;
        _wanted = null;
        _steadyLooks = _busyTries = _failures = 0;
    }

    private void Fail(LedgerDecision decision, LedgerReading reading, string? problem, Moment now, bool retry)
    {
        var failures = _failures + 1;
        var wanted = _wanted;
        Rest(retry ? now.Milliseconds + Math.Min(5000L << Math.Min(failures - 1, 6), 300_000) : long.MaxValue);
        (_failures, _wanted) = (failures, wanted);
        Report(LedgerAction.Failed, decision, reading, problem);
    }

    /// <summary>A mailbox over quota gets a fresh line before the others stop believing the old one.</summary>
    private static long RefreshAt(LedgerDecision decision, LedgerReading reading, Moment now)
    {
        if (!decision.Limit.IsOver(reading.Ledger!.Usage!.Value))
            return long.MaxValue;
        var left = LedgerDecision.OverQuotaRefresh - reading.Age;
        return now.Milliseconds + Math.Max(1000, (long)left.TotalMilliseconds);
    }

    /// <summary>Left to whoever insists on his header; not when there is no header or none that is clear.</summary>
    private QuotaLimit? AuthoritativeLimit(LedgerReading reading) =>
        _limitRounds > LimitRounds && reading.Ledger?.Limit is not null ? null : Limit;

    private string? NoteLimitRound(LedgerReading reading) =>
        ++_limitRounds <= LimitRounds
            ? null
            : $"another program keeps putting its own limit into maildirsize (it was {FormatHeader(reading)} again); "
                + "the header is left to it from now on. Give both the same limit (Exim: quota, Dovecot: quota_rule)";

    private static string FormatHeader(LedgerReading reading) =>
        reading.Ledger is { } ledger ? System.Text.Encoding.ASCII.GetString(ledger.Header) : "missing";

    /// <summary>His bytes, if they are sound, short and say the same: thousands of zeros would fill the file.</summary>
    private static byte[] HeaderFor(LedgerDecision decision, LedgerReading reading) =>
        reading.Ledger?.Header is { Length: <= LongestHeader } header
            && LedgerHeader.Read(header, out var limit) is null && limit == decision.Limit
            ? header
            : MaildirSizeFormat.FormatHeader(decision.Limit);

    private void Report(
        LedgerAction action, LedgerDecision decision, LedgerReading reading, string? problem, bool judged = true)
    {
        var change = new UsageChange
        {
            Before = _reported?.After,
            After = Index.Total,
            Limit = AuthoritativeLimit(reading) ?? reading.Ledger?.Limit,
            Action = action,
            Ledger = judged ? reading.Ledger?.Usage : null,
            Reason = decision.Reason,
            Problem = problem,
        };
        var news = action is LedgerAction.Appended or LedgerAction.Replaced || !SaysTheSame(change, _reported);
        _reported = change;
        if (news)
            _listener.Accept(change);
    }

    /// <summary>Whether somebody who read the one learns nothing from the other.</summary>
    private static bool SaysTheSame(UsageChange change, UsageChange? before)
    {
        if (before is null || change.After != before.After || change.Limit != before.Limit)
            return false;
        var corrected = before.Action is LedgerAction.Appended or LedgerAction.Replaced;
        return change.Problem == before.Problem
            && (change.Action == before.Action || (change.Action == LedgerAction.None && corrected));
    }
}
