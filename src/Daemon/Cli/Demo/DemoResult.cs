using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>What came of one step. Immutable.</summary>
/// <param name="Title">Of the step.</param>
/// <param name="Changes">What the engine reported.</param>
/// <param name="Ledger">What maildirsize says, added up by the demonstration itself.</param>
/// <param name="LedgerLength">Length of maildirsize in bytes.</param>
/// <param name="Truth">What the mailbox holds, counted by the demonstration itself.</param>
/// <param name="Warnings">Lines the warning script wrote.</param>
/// <param name="Took">From the end of the act until both were equal, and stayed so.</param>
internal sealed record DemoResult(
    string Title, IReadOnlyList<UsageChange> Changes, Usage? Ledger, long LedgerLength, Usage Truth,
    IReadOnlyList<string> Warnings, TimeSpan Took)
{
    public bool IsRight => Ledger == Truth;

    public int Appended => Changes.Count(change => change.Action == LedgerAction.Appended);

    public int Replaced => Changes.Count(change => change.Action == LedgerAction.Replaced);
}
