using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>
/// The same settings and the same deliveries, once for Dovecot's quota plugin and once for us, each on a mailbox of its
/// own: same header, same thresholds with the same arguments through the same <c>service quota-warning</c>. Then what
/// Dovecot does not notice.
/// </summary>
public sealed class QuotaSettingsBesideTests : IDisposable
{
    private const string Ours = "u2@peers.test";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static readonly string[] Warnings =
    [
        "storage=95%% quota-warning 95 %u", "storage=80%% quota-warning 80 %u",
        "messages=1 quota-warning many %u", "-storage=80%% quota-warning below %u",
    ];

    private readonly DovecotWarnings dovecot = new(Warnings);
    private readonly MailboxFixture mailbox = new(ledger: null, name: "u2@peers.test");
    private Service? service;

    public void Dispose()
    {
        service?.Dispose();
        mailbox.Dispose();
        dovecot.Dispose();
    }

    [Fact]
    public void Settings_PastedFromDovecot_SayTheSame()
    {
        Start("*:storage=100K");
        DeliverToBoth(60_000, "many");
        DeliverToBoth(22_000, "80");
        DeliverToBoth(17_000, "95");
        Assert.Equal(HeaderOf(dovecot.Mailbox), HeaderOf(mailbox.Maildir));

        dovecot.Expunge();
        FileCommands.Remove(mailbox.Messages());
        AwaitBoth("below");
        DeliverToBoth(98_000, "95");
    }

    [Fact]
    public void Crossing_DovecotDoesNotNotice_WarnsHere()
    {
        using var maildrop = new Maildrop();
        Start("*:storage=100K");
        maildrop.Deliver(mailbox, Letter.OfSize(85_000));
        AwaitOurs("80");

        FileCommands.Remove(mailbox.Messages());
        AwaitOurs("below");

        using var elsewhere = new MailboxFixture();
        elsewhere.Put("cur/1.a.h,S=99000:2,S", 99_000);
        FileCommands.Synchronise(Path.Combine(elsewhere.Maildir, "cur"), Path.Combine(mailbox.Maildir, "cur"));
        AwaitOurs("95");

        FileCommands.Remove(mailbox.Messages());
        AwaitOurs("below");
        maildrop.Deliver(mailbox, Letter.OfSize(30_000));
        service!.Reload(Settings("*:storage=32K"));
        AwaitOurs("80");
        Assert.Equal("32768S", HeaderOf(mailbox.Maildir));
    }

    private void Start(string rule) => service = new Service(Settings(rule));

    private string Settings(string rule) => $"""
        [mailboxes]
        locations = {Path.GetDirectoryName(mailbox.Home)}/home/Maildir
        [quota]
        counting = dovecot
        quota_rule = {rule}
        {string.Join('\n', Warnings.Select((text, i) => $"quota_warning{(i == 0 ? "" : i + 1)} = {Named(text)}"))}
        [warnings]
        base_dir = {dovecot.BaseDirectory}
        choose = first
        """;

    /// <summary>The user of a plain path is its owner; the warnings shall say whose mailbox it is.</summary>
    private static string Named(string text) => text.Replace("%u", Ours, StringComparison.Ordinal);

    private void DeliverToBoth(int size, string warning)
    {
        dovecot.Deliver(Letter.OfSize(size));
        dovecot.DeliverWithoutQuota(mailbox, Letter.OfSize(size));
        AwaitBoth(warning);
    }

    private void AwaitBoth(string warning)
    {
        AwaitOurs(warning);
        Assert.True(Poll.Until(() => SaidTo(DovecotWarnings.User).LastOrDefault() == warning, Soon), Describe());
        // Neither said more than the other.
        Assert.Equal(SaidTo(DovecotWarnings.User), SaidTo(Ours));
    }

    private void AwaitOurs(string warning)
    {
        Assert.True(Poll.Until(() => SaidTo(Ours).LastOrDefault() == warning, Soon), Describe());
    }

    /// <summary>The words before the user's name.</summary>
    private string[] SaidTo(string user) =>
    [
        .. dovecot.Said.Where(line => line.EndsWith($"<{user}>", StringComparison.Ordinal))
            .Select(line => line.Split("><")[1]),
    ];

    private string Describe() => $"{string.Join('\n', dovecot.Said)}\n{service!.Log}\n{dovecot.Log}";

    private static string HeaderOf(string maildir) => Ledger.Read(Path.Combine(maildir, "maildirsize"))!.Header;
}
