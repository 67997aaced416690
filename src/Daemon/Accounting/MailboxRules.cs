using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What an administrator set for a mailbox. Immutable; mailboxes with the same rules share one.</summary>
/// <param name="Roots">The quota root of each folder; of few instances, see <see cref="FolderNames"/>.</param>
/// <param name="Limit">The limit of the user's root; null leaves it to the header of <c>maildirsize</c>.</param>
internal sealed record MailboxRules(IFolderRoots Roots, ConfiguredLimit? Limit);
