namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// What counts. A site's choice, because the programs disagree: Courier leaves out <c>.Trash</c> and mail flagged T,
/// Dovecot and Exim count both, and each reads odd names its own way. Immutable.
/// </summary>
public sealed record CountingPolicy
{
    /// <summary>Courier, maildrop: the default of Maildir++.</summary>
    public static CountingPolicy MaildirPlusPlus { get; } = new() { Name = "maildir++" };

    public required string Name { get; init; }
}
