using System.CommandLine;
using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The grammar of the verbs about quota: <c>explain</c>, <c>test-warning</c>, <c>refresh</c>.</summary>
internal static class QuotaVerbs
{
    public static Command Explain(Func<ExplainOptions, CancellationToken, Task<int>> run)
    {
        var (config, whom) = (OptionValues.ConfigFile(), Whom());
        var command = new Command("explain",
            "Say in plain words which limits and thresholds apply to a user or mailbox, and why; writes nothing")
        {
            whom, config,
        };
        command.SetAction((parsed, stop) => run(new ExplainOptions(
            parsed.GetRequiredValue(whom), parsed.GetValue(config) ?? Settings.DefaultPath), stop));
        return command;
    }

    public static Command TestWarning(Func<TestWarningOptions, CancellationToken, Task<int>> run)
    {
        var (config, whom) = (OptionValues.ConfigFile(), Whom());
        var threshold = new Argument<string>("THRESHOLD")
        {
            Description = "Which warning: its percentage (80), or as it is configured (storage=80%, -storage=100%)",
        };
        var command = new Command(
            "test-warning", "Run the command of a warning for real, with the user's figures of now")
        {
            whom, threshold, config,
        };
        command.SetAction((parsed, stop) => run(new TestWarningOptions(
            parsed.GetRequiredValue(whom), parsed.GetRequiredValue(threshold),
            parsed.GetValue(config) ?? Settings.DefaultPath), stop));
        return command;
    }

    public static Command Refresh(Func<RefreshOptions, CancellationToken, Task<int>> run)
    {
        var config = OptionValues.ConfigFile();
        var users = new Argument<string[]>("USER")
        {
            Description = "Users whose limits have changed; everybody when none is named",
            Arity = ArgumentArity.ZeroOrMore,
        };
        // the library takes an unknown option for one more value
        users.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.StartsWith("--", StringComparison.Ordinal)))
                result.AddError($"unknown option '{token.Value}'; there are --force and --config");
        });
        var force = new Option<bool>("--force")
        {
            Description = "Believe files that suddenly speak of far fewer users",
        };
        var command = new Command("refresh", "Have the running service ask the sources of limits again, now")
        {
            users, force, config,
        };
        command.SetAction((parsed, stop) => run(new RefreshOptions(
            parsed.GetValue(users) ?? [], parsed.GetValue(config) ?? Settings.DefaultPath,
            parsed.GetValue(force)), stop));
        return command;
    }

    private static Argument<string> Whom() => new("USER|MAILDIR")
    {
        Description = "A user's name, or the path of a mailbox",
    };
}

/// <summary>What <c>explain</c> was asked. Immutable.</summary>
/// <param name="Whom">A user, or the path of a mailbox.</param>
/// <param name="ConfigFile">Path of the configuration.</param>
internal sealed record ExplainOptions(string Whom, string ConfigFile);

/// <summary>What <c>test-warning</c> was asked. Immutable.</summary>
/// <param name="Whom">A user, or the path of a mailbox.</param>
/// <param name="Threshold">Percentage, or the warning as it is configured.</param>
/// <param name="ConfigFile">Path of the configuration.</param>
internal sealed record TestWarningOptions(string Whom, string Threshold, string ConfigFile);

/// <summary>What <c>refresh</c> was asked. Immutable.</summary>
/// <param name="Users">Those to ask about; none: everybody.</param>
/// <param name="ConfigFile">Path of the configuration.</param>
/// <param name="Force">Files that look like an accident are meant.</param>
internal sealed record RefreshOptions(string[] Users, string ConfigFile, bool Force = false);
