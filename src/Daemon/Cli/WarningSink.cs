using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Hands every accepted usage to the warnings; what could not be counted says nothing.</summary>
internal sealed class WarningSink(WarningService warnings) : IChangeSink
{
    public void Accept(Mailbox mailbox, UsageChange change)
    {
        if (change.Action == LedgerAction.Failed)
            return;
        var path = mailbox.Path.Display;
        warnings.Accept(
            new WarningSubject(path, mailbox.User, path), change.After, change.Limit ?? QuotaLimit.Unlimited,
            own: () => OwnMessages.In(mailbox));
    }
}
