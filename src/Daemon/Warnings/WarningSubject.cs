namespace MaildirQuotaWatcher.Warnings;

/// <summary>What has thresholds: a mailbox, one quota root of it, or a group of mailboxes. Immutable.</summary>
/// <param name="Key">
/// Under which it is remembered, never changing: the mailbox's path, the path and the root's name, or
/// <c>group:NAME</c>.
/// </param>
/// <param name="User">Name handed to the script.</param>
/// <param name="Mailbox">Path of the mailbox, empty for a group.</param>
/// <param name="Root">Name of the quota root, which chooses the rules; <c>""</c> for the mailbox's own.</param>
internal sealed record WarningSubject(string Key, string User, string Mailbox, string Root = "")
{
    /// <summary>Where it is, for people.</summary>
    public string Place => string.Join(", ", new[] { Mailbox, Root }.Where(part => part.Length > 0));
}
