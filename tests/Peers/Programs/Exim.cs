using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>
/// Exim with a private configuration that keeps <c>maildirsize</c>. The limits of its own configuration are the
/// authority for it, so they are taken from each mailbox's header when this object is made. One thread at a time.
/// </summary>
internal sealed class Exim : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly string configuration;
    private long logRead;

    public Exim(params MailboxFixture[] mailboxes)
    {
        scratch.Owned("spool");
        scratch.Owned("log");
        Table("mailboxes", mailboxes.Select(mailbox => (mailbox.Name, mailbox.Maildir)));
        Table("limits", mailboxes.Select(mailbox => (mailbox.Name, mailbox.Ledger.Header.Split('S')[0])));
        configuration = Path.Combine(scratch.Location, "exim.conf");
        File.WriteAllText(configuration, Text());
    }

    /// <summary>Delivers at once: appends `n 1`, then renames into new/. Exim adds header lines of its own.</summary>
    /// <exception cref="InvalidOperationException">Exim deferred or refused the message.</exception>
    public void Deliver(MailboxFixture mailbox, byte[] letter)
    {
        if (TryDeliver(mailbox, letter) is { } complaint)
            throw new InvalidOperationException($"Exim did not deliver to {mailbox.Maildir}:\n{complaint}");
    }

    /// <returns>Null when delivered; else what Exim logged, as when the mailbox is over quota.</returns>
    public string? TryDeliver(MailboxFixture mailbox, byte[] letter)
    {
        new Command("exim4", "-C", configuration, "-odi", "-oi", "-f", "a@peers.test", $"{mailbox.Name}@peers.test")
        {
            Input = letter,
        }.Run();
        var said = NewLogLines();
        string[] complaints = [" == ", " ** "];
        return complaints.Any(mark => said.Contains(mark, StringComparison.Ordinal)) ? said : null;
    }

    /// <summary>What to call in place of sendmail: delivers before it returns.</summary>
    public string Sendmail => $"exim4 -C {configuration} -odi";

    /// <summary>What Exim has logged since it was asked last, `&lt;=` and the envelope sender included.</summary>
    public string Said() => NewLogLines();

    public void Dispose() => scratch.Dispose();

    private void Table(string name, IEnumerable<(string Key, string Entry)> rows) =>
        File.WriteAllLines(Path.Combine(scratch.Location, name), rows.Select(row => $"{row.Key}: {row.Entry}"));

    private string NewLogLines()
    {
        using var log = File.OpenRead(Path.Combine(scratch.Location, "log/mainlog"));
        log.Position = logRead;
        using var reader = new StreamReader(log);
        var said = reader.ReadToEnd();
        logRead += said.Length;
        return said;
    }

    // The lookups untaint what depends on the recipient. Root is given up before delivery, so nothing changes user.
    private string Text() => $$$"""
        keep_environment =
        log_selector = -all
        spool_directory = {{{scratch.Location}}}/spool
        log_file_path = {{{scratch.Location}}}/log/%slog
        pid_file_path = {{{scratch.Location}}}/exim.pid
        deliver_drop_privilege = true
        primary_hostname = peers.test
        qualify_domain = peers.test
        never_users =
        begin routers
        here:
          driver = accept
          transport = maildir
        begin transports
        maildir:
          driver = appendfile
          directory = ${lookup{$local_part}lsearch{{{{scratch.Location}}}/mailboxes}}
          create_directory = false
          maildir_format
          maildir_use_size_file
          maildir_tag = ,S=$message_size
          quota = ${lookup{$local_part}lsearch{{{{scratch.Location}}}/limits}}
          quota_size_regex = ,S=(\d+)
          user = {{{MailUser.Delivery.Name}}}
          group = {{{MailUser.Delivery.Gid}}}
          mode = 0644
          mode_fail_narrower = false
        begin retry
        * * F,1h,1m

        """;
}
