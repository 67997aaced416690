namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Which warnings that had to wait are not told when the wait is over, since a later one takes them back: that usage
/// has come to a limit, and that it fell below the same one. What stays says where usage stands now.
/// </summary>
internal static class WarningPairs
{
    /// <summary>A mark is made that much before its warning has its id, at most.</summary>
    private const long Slack = 60;

    /// <summary>The ids of those to be dropped.</summary>
    /// <param name="waiting">Of one subject, in the order they came.</param>
    /// <param name="state">
    /// What is remembered of it: a warning that spoke for a lower threshold, too, which still is reached, stays with
    /// the one that takes it back.
    /// </param>
    public static HashSet<long> In(IEnumerable<DueWarning> waiting, WarningState state)
    {
        var spokenFor = state.Parts
            .Where(part => part is { Phase: PartPhase.Above, Warned: false } && part.Key[0] != '-')
            .Select(part => part.At + Slack).DefaultIfEmpty().Max();
        var dropped = new HashSet<long>();
        foreach (var sameLimit in waiting.GroupBy(due => due.Warning.Part))
        {
            var kept = new Stack<DueWarning>();
            foreach (var due in sameLimit)
            {
                var below = due.Warning.Rule.Below;
                // Nothing was crossed by a reminder, so there is nothing to take back.
                if (below && kept.TryPeek(out var last) && last.Warning.IsReminder) dropped.Add(kept.Pop().Id);
                if (kept.TryPeek(out var before) && before.Warning.Rule.Below != below && !due.Warning.IsReminder
                    && (!below || before.Id / 1_000_000 > spokenFor))
                    dropped.UnionWith([kept.Pop().Id, due.Id]);
                else
                    kept.Push(due);
            }
        }

        return dropped;
    }
}
