using System.CommandLine;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>The grammar of <c>bench</c>.</summary>
internal static class BenchVerb
{
    public static Command Create(Func<BenchOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new BenchOptions();
        var store = new Option<string?>("--store")
        {
            Description = "Where the scratch store is made: absent or empty (default: a temporary directory)",
            HelpName = "DIR",
        };
        var mailboxes = Number("--mailboxes", $"Mailboxes (default {defaults.Mailboxes})", 1, 100_000);
        var folders = Number("--folders", $"Folders beside INBOX in each (default {defaults.Folders})", 0, 1000);
        var messages = Number("--messages", $"Messages in each (default {defaults.Messages})", 0, 10_000_000);
        var duration = OptionValues.Duration("--duration", "How long each timed part lasts (default 3s)");
        var peers = new Option<bool>("--peers") { Description = "Recount with doveadm, maildirmake and find as well" };
        var cold = new Option<bool>("--cold")
        {
            Description = "Restart with a cold page cache as well: drops the caches of the whole machine (root)",
        };
        var json = new Option<bool>("--json") { Description = "The rows as JSON" };
        var command = new Command("bench", "Measure it on a scratch store, which is deleted afterwards")
        {
            store, mailboxes, folders, messages, duration, peers, cold, json,
        };
        command.SetAction((parsed, stop) => run(new BenchOptions
        {
            Store = parsed.GetValue(store) is { } directory ? Path.GetFullPath(directory) : null,
            Mailboxes = (int)(parsed.GetValue(mailboxes) ?? defaults.Mailboxes),
            Folders = (int)(parsed.GetValue(folders) ?? defaults.Folders),
            Messages = (int)(parsed.GetValue(messages) ?? defaults.Messages),
            Duration = parsed.GetValue(duration) ?? defaults.Duration,
            Peers = parsed.GetValue(peers),
            Cold = parsed.GetValue(cold),
            Json = parsed.GetValue(json),
        }, stop));
        return command;
    }

    private static Option<long?> Number(string name, string description, long least, long most)
    {
        var option = OptionValues.Number(name, "N", description);
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() is { } number && (number < least || number > most))
                result.AddError($"{name}: from {least} to {most}");
        });
        return option;
    }
}
