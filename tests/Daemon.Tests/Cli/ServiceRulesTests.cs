using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Cli;

public sealed class ServiceRulesTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    private string Machines => Path.Combine(_directory.FullName, "machine.conf");

    private string Mailbox => Path.Combine(_directory.FullName, "rj");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Load_NoConfigurationOnTheMachine_IsTheCommandLinesOwn() =>
        Assert.Equal((true, null), await LoadAsync());

    [Fact]
    public async Task Load_MachinesConfigurationHasTheMailbox_ItsRulesHold()
    {
        File.WriteAllText(Machines, $"[mailboxes]\nlocations = {_directory.FullName}/%u\n[quota]\ncounting = dovecot");

        var (isFine, rules) = await LoadAsync();

        Assert.True(isFine);
        Assert.Equal("dovecot", rules!.Policy.Name);
        Assert.Equal("rj", rules.Of[Mailbox].User);
    }

    [Fact]
    public async Task Load_MachinesConfigurationHasErrors_NothingIsCountedByOtherRules()
    {
        File.WriteAllText(Machines, $"[mailboxes]\nlocations = {_directory.FullName}/%u\n[quota]\ncounting = courier");

        Assert.Equal((false, null), await LoadAsync());
        Assert.Equal((true, null), await LoadAsync(isAsked: true));
    }

    private Task<(bool IsFine, ServiceRules? Rules)> LoadAsync(bool isAsked = false) =>
        ServiceRules.LoadAsync(null, isAsked, [Mailbox], CancellationToken.None, Machines);
}
