using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>The disk as the accountant of one mailbox sees it. Opens the root for each call, closes it after.</summary>
internal sealed class MailboxFiles(Mailbox mailbox) : IMailboxFiles
{
    /// <summary>A file in <c>tmp</c> written within this time is part of a delivery under way; seconds.</summary>
    private const long DeliverySeconds = 5;

    /// <summary>Files of all <c>tmp</c> together that are looked at: the other mailboxes wait meanwhile.</summary>
    private const int DeliveryBudget = 4000;

    public MessageStat Stat(int directory, ReadOnlySpan<byte> name)
    {
        var root = mailbox.Directory.Open(out _);
        var fd = mailbox.OpenDirectory(root, directory, out _, out _);
        if (root >= 0)
            Files.Close(root);
        if (fd < 0)
        {
            // Not looked at is not gone: if it is the whole mailbox that cannot be opened, nothing is known any more.
            mailbox.CheckRoot();
            return default(MessageStat) with { Kind = EntryKind.Other };
        }

        var stat = mailbox.StatIn(fd, name);
        Files.Close(fd);
        return stat;
    }

    public LedgerReading ReadLedger()
    {
        var root = mailbox.Directory.Open(out var errno);
        if (root < 0)
            return new LedgerReading { State = LedgerState.Failed, Problem = mailbox.CannotOpen(errno) };
        var reading = LedgerFile.Read(root, mailbox.Path, mailbox.Now.UnixSeconds);
        Files.Close(root);
        return reading;
    }

    public LedgerWrite Append(LedgerReading seen, UsageDelta delta, bool insist)
    {
        var root = mailbox.Directory.Open(out var errno);
        if (root < 0)
            return new LedgerWrite(LedgerOutcome.Failed, mailbox.CannotOpen(errno));
        var write = LedgerFile.Append(root, mailbox.Path, seen, delta, insist);
        Files.Close(root);
        return write;
    }

    public LedgerWrite Replace(LedgerReading seen, ReadOnlySpan<byte> header, Usage usage, bool insist)
    {
        var root = mailbox.Directory.Open(out var errno);
        if (root < 0)
            return new LedgerWrite(LedgerOutcome.Failed, mailbox.CannotOpen(errno));
        var write = LedgerFile.Replace(root, mailbox.Path, seen, header, usage, insist);
        Files.Close(root);
        return write;
    }

    public void Recheck() => mailbox.Recheck();

    public void Count() => mailbox.AskCount();

    public void Fence() => mailbox.AskDecisionFence();

    public bool DeliveryInProgress()
    {
        var root = mailbox.Directory.Open(out _);
        if (root < 0)
            return false;
        var since = mailbox.Now.UnixSeconds - DeliverySeconds;
        var budget = DeliveryBudget;
        var found = mailbox.TemporaryDirectories()
            .TakeWhile(_ => budget > 0)
            .Any(tmp => TemporaryFiles.AnyYoung(root, tmp, since, ref budget));
        Files.Close(root);
        return found;
    }

    public Usage? CountBy(CountingPolicy policy)
    {
        var root = mailbox.Directory.Open(out _);
        if (root < 0)
            return null;
        var usage = new MailboxCounter(policy, root, mailbox.Directory.Owner, mailbox.Crew).Total();
        Files.Close(root);
        return usage;
    }
}
