using System.CommandLine;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The grammar of <c>watch</c>.</summary>
internal static class WatchVerb
{
    public static Command Create(Func<WatchOptions, CancellationToken, Task<int>> run)
    {
        var mailboxes = OptionValues.Mailboxes();
        var limit = OptionValues.Size("--limit", "Storage limit, in place of the limits in maildirsize");
        var messages = OptionValues.Number("--messages", "N", "Message limit, likewise");
        var warn = OptionValues.Percents("--warn", "Warn at these percentages of the limit");
        var exec = OptionValues.Command("--exec", "Run this at a warning, with percentage and user as last arguments");
        var counting = OptionValues.Counting();
        var trustNames = OptionValues.YesNo("--trust-names", "Believe sizes in message names (default yes)");
        var settle = OptionValues.Duration("--settle", "Quiet time before comparing (default 300ms)");
        var observe = new Option<bool>("--observe") { Description = "Report only, write nothing" };
        var once = new Option<bool>("--once") { Description = "Put right what is wrong now, then end" };
        var create = new Option<bool>("--create") { Description = "Make the Maildir where there is none" };
        var state = new Option<string?>("--state")
        {
            Description = "Directory that remembers which warnings have run (default: a state directory of its own)",
            HelpName = "DIR",
        };
        var command = new Command("watch",
            "Keep maildirsize of the given mailboxes right, without a configuration file")
        {
            mailboxes, limit, messages, warn, exec, counting, trustNames, settle, observe, once, create, state,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(exec) is not null && result.GetResult(warn) is null)
                result.AddError("--exec runs nothing without --warn; add for example --warn 80,95");
        });
        var defaults = new WatchOptions { Mailboxes = [] };
        command.SetAction((parsed, stop) => run(new WatchOptions
        {
            Mailboxes = parsed.GetValue(mailboxes) ?? [],
            Limit = LimitOf(parsed.GetValue(limit), parsed.GetValue(messages)),
            Thresholds = ThresholdsOf(parsed.GetValue(warn) ?? [], parsed.GetValue(exec) ?? []),
            Counting = parsed.GetValue(counting) ?? defaults.Counting,
            TrustNames = parsed.GetValue(trustNames) is { } word ? word == "yes" : defaults.TrustNames,
            Settle = parsed.GetValue(settle) ?? defaults.Settle,
            Observe = parsed.GetValue(observe),
            Once = parsed.GetValue(once),
            Create = parsed.GetValue(create),
            StateDirectory = parsed.GetValue(state) is { } directory ? Path.GetFullPath(directory) : null,
        }, stop));
        return command;
    }

    private static QuotaLimit? LimitOf(long? bytes, long? messages) =>
        bytes is null && messages is null ? null : new QuotaLimit(bytes ?? 0, messages ?? 0);

    private static WarningRule[] ThresholdsOf(int[] percents, string[] command) =>
    [
        .. percents.Select(p => WarningRule.OfPercent(QuotaResource.Storage, p, below: false, command)),
        .. percents.Select(p => WarningRule.OfPercent(QuotaResource.Messages, p, below: false, command)),
    ];
}
