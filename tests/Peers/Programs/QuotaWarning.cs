using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>This project's script <c>quota-warning</c>, with a configuration of its own.</summary>
internal sealed class QuotaWarning : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly string configuration;

    /// <param name="settings">Lines of quota-warning.conf.</param>
    public QuotaWarning(params string[] settings)
    {
        // Copied, so that the delivery user can read it wherever the sources lie.
        Script = Path.Combine(scratch.Location, "quota-warning");
        File.Copy(Path.Combine(Repository.Root, "packaging/bin/quota-warning"), Script);
        File.SetUnixFileMode(Script, (UnixFileMode)0b111_101_101);
        configuration = Path.Combine(scratch.Location, "quota-warning.conf");
        var templates = Path.Combine(Repository.Root, "packaging/etc/quota-warning");
        File.WriteAllLines(configuration, [$"templates = {templates}", .. settings]);
    }

    public string Script { get; }

    /// <summary>What the daemon is told to run.</summary>
    public string Command => $"{Script} --config {configuration}";

    /// <summary>Runs it as the daemon does, for 104 % of 5 GB.</summary>
    /// <returns>The exit code, and what was said.</returns>
    public CommandOutput Warn(MailboxFixture mailbox, string user) =>
        new Command("/bin/dash", Script, "--config", configuration, "100", user)
        {
            Environment = new Dictionary<string, string>
            {
                ["LANG"] = "C.UTF-8",
                ["HOME"] = "/",
                ["MQW_USER"] = user,
                ["MQW_MAILBOX"] = mailbox.Maildir,
                ["MQW_RESOURCE"] = "storage",
                ["MQW_THRESHOLD"] = "100",
                ["MQW_DIRECTION"] = "over",
                ["MQW_PERCENT"] = "104",
                ["MQW_USAGE_BYTES"] = "5583457484",
                ["MQW_LIMIT_BYTES"] = "5368709120",
                ["MQW_WARNING_ID"] = "w1",
                ["MQW_LARGEST"] = "4509715660\t3000\tEntwürfe",
            },
            ExpectedExits = new HashSet<int> { 0, 1 },
        }.Run();

    public void Dispose() => scratch.Dispose();
}
