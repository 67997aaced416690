using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>The steps from one stage to another, and the word about it.</summary>
public sealed partial class MailboxAccountant
{
    private void Touch(Moment now)
    {
        _activity++;
        _quiet.Touch(now);
        if (_stage == Stage.Resting)
            Settle(now, now.Milliseconds + _quiet.Settle);
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
            _quiet.Begin(now);
        _stage = Stage.Settling;
        DueAt = due;
    }

    private void Rest(long due)
    {
        _stage = Stage.Resting;
        DueAt = due;
        _freshlyCounted = false;
        _forced = _rulesChanged = false;
        (_busyTries, _failures) = (0, 0);
        _quiet.Rest();
    }

    private void Fail(LedgerDecision decision, LedgerReading reading, string? problem, Moment now, bool retry)
    {
        var failures = _failures + 1;
        var (forced, rulesChanged) = (_forced, _rulesChanged);
        Rest(retry ? now.Milliseconds + Math.Min(5000L << Math.Min(failures - 1, 6), 300_000) : long.MaxValue);
        (_failures, _forced, _rulesChanged) = (failures, forced, rulesChanged);
        Report(LedgerAction.Failed, decision, reading, problem);
    }

    /// <param name="action">What was done.</param>
    /// <param name="decision">Why.</param>
    /// <param name="reading">The ledger before.</param>
    /// <param name="problem">For people; null when all is well.</param>
    /// <param name="judged">False when ledger and truth were not compared.</param>
    private void Report(
        LedgerAction action, LedgerDecision decision, LedgerReading reading, string? problem, bool judged = true) =>
        _reports.Accept(new UsageChange
        {
            Before = _reports.Last?.After,
            After = Index.Total,
            OtherRoots = Index.OtherTotals(),
            Limit = _limits.Applies(reading),
            Action = action,
            Ledger = judged ? reading.Ledger?.Usage : null,
            Header = reading.Ledger?.Limit,
            Reason = decision.Reason,
            Problem = problem,
        });
}
