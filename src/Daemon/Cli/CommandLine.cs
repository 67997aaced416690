using System.CommandLine;
using System.CommandLine.Help;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Cli.Demo;
using MaildirQuotaWatcher.Cli.Inspect;
using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The grammar of the command line, and its way from arguments to an exit code.</summary>
internal static class CommandLine
{
    private const string Name = "maildir-quota-watcher";

    /// <summary>Parses and runs. Never throws: what fails is one line on stderr and an exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Verbs verbs, CancellationToken stop)
    {
        // a mailbox may well be called @something: no response files
        var parsed = Create(verbs).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors.Select(e => e.Message).Distinct())
                await Console.Error.WriteLineAsync($"{Name}: {EscapingText.Escape(error)}").ConfigureAwait(false);
            var verb = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            if (verb is " check-config" or " run" or " status" && parsed.UnmatchedTokens is [var file, ..])
                await Console.Error.WriteLineAsync(
                    $"A configuration file is named so: --config {EscapingText.Escape(file)}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"Try '{Name}{verb} --help'.").ConfigureAwait(false);
            return ExitCode.BadUsage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Fine;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await Console.Error.WriteLineAsync($"{Name}: {EscapingText.Escape(e.Message)}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static RootCommand Create(Verbs verbs)
    {
        var root = new RootCommand("Keeps Maildir++ quota files (maildirsize) right and runs warning scripts.")
        {
            WatchVerb.Create(verbs.Watch), Demo(verbs), Run(verbs), Inspect(verbs), Recalc(verbs), CheckConfig(verbs),
            QuotaVerbs.Explain(verbs.Explain), QuotaVerbs.TestWarning(verbs.TestWarning),
            QuotaVerbs.Refresh(verbs.Refresh), Status(verbs), BenchVerb.Create(verbs.Bench),
        };
        foreach (var option in root.Options.OfType<HelpOption>())
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        return root;
    }

    private static Command Run(Verbs verbs)
    {
        var config = OptionValues.ConfigFile();
        var command = new Command("run", "Run as a service, by a configuration file") { config };
        command.SetAction((parsed, stop) =>
            verbs.Run(new RunOptions(parsed.GetValue(config) ?? Settings.DefaultPath), stop));
        return command;
    }

    private static Command CheckConfig(Verbs verbs)
    {
        var config = OptionValues.ConfigFile();
        var command = new Command("check-config",
            "Check a configuration file and show the settings in force") { config };
        command.SetAction((parsed, stop) =>
            verbs.CheckConfig(new CheckConfigOptions(parsed.GetValue(config) ?? Settings.DefaultPath), stop));
        return command;
    }

    private static Command Status(Verbs verbs)
    {
        var config = OptionValues.ConfigFile();
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("status",
            "Ask the running service how it is doing; exit code 0 fine, 3 something is down, 1 it does not answer")
        {
            json, config,
        };
        command.SetAction((parsed, stop) => verbs.Status(
            new StatusOptions(parsed.GetValue(json), parsed.GetValue(config) ?? Settings.DefaultPath), stop));
        return command;
    }

    private static Command Inspect(Verbs verbs)
    {
        var (mailboxes, counting) = (OptionValues.Mailboxes(), OptionValues.Counting());
        var config = OptionValues.CountedBy();
        var json = new Option<bool>("--json") { Description = "One JSON object for each mailbox" };
        var trust = OptionValues.YesNo("--trust-names", "Believe sizes in message names (default yes)");
        var command = new Command("inspect", "Show truth beside maildirsize; writes nothing")
        {
            mailboxes, json, counting, trust, config,
        };
        command.SetAction((parsed, stop) => verbs.Inspect(new InspectOptions
        {
            Mailboxes = parsed.GetValue(mailboxes) ?? [],
            Json = parsed.GetValue(json),
            ConfigFile = parsed.GetValue(config),
            IsCountingChosen = IsGiven(parsed, counting) || IsGiven(parsed, trust),
            Counting = parsed.GetValue(counting) ?? CountingChoice.MaildirPlusPlus,
            TrustNames = parsed.GetValue(trust) is not "no",
        }, stop));
        return command;
    }

    private static Command Recalc(Verbs verbs)
    {
        var (mailboxes, counting) = (OptionValues.Mailboxes(), OptionValues.Counting());
        var config = OptionValues.CountedBy();
        var trust = OptionValues.YesNo("--trust-names", "Believe sizes in message names (default yes)");
        var command = new Command("recalc", "Count everything and replace maildirsize")
        {
            mailboxes, counting, trust, config,
        };
        command.SetAction((parsed, stop) => verbs.Recalc(new RecalcOptions
        {
            Mailboxes = parsed.GetValue(mailboxes) ?? [],
            ConfigFile = parsed.GetValue(config),
            IsCountingChosen = IsGiven(parsed, counting) || IsGiven(parsed, trust),
            Counting = parsed.GetValue(counting) ?? CountingChoice.MaildirPlusPlus,
            TrustNames = parsed.GetValue(trust) is not "no",
        }, stop));
        return command;
    }

    private static bool IsGiven(ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false };

    private static Command Demo(Verbs verbs)
    {
        var seconds = OptionValues.Number("--seconds", "N", "How long it runs (default: until everything is shown)");
        var keep = new Option<bool>("--keep") { Description = "Leave the mailbox of the demonstration behind" };
        var command = new Command("demo", "Show it at work on a mailbox of its own") { seconds, keep };
        seconds.Validators.Add(result =>
        {
            // What is no number has been said already, and asking for its value would throw.
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var number) && number > 86_400)
                result.AddError("--seconds: more than a day (86400)");
        });
        command.SetAction((parsed, stop) => verbs.Demo(new DemoOptions(
            parsed.GetValue(seconds) is { } number ? TimeSpan.FromSeconds(number) : null,
            parsed.GetValue(keep)), stop));
        return command;
    }
}
