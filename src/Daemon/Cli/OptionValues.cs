using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Options whose values have a grammar of their own; a bad value is an error that names the option.</summary>
internal static class OptionValues
{
    public static Argument<string[]> Mailboxes()
    {
        var mailboxes = new Argument<string[]>("MAILDIR")
        {
            Description = "Mailboxes: directories that hold cur, new and tmp",
            Arity = ArgumentArity.OneOrMore,
        };
        // the library takes an unknown option for one more value
        mailboxes.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.StartsWith('-')))
                result.AddError($"unknown option '{token.Value}'; a mailbox of that name is written ./{token.Value}");
        });
        return mailboxes;
    }

    public static Option<string> ConfigFile() => new("--config")
    {
        Description = "Configuration file",
        HelpName = "FILE",
        DefaultValueFactory = _ => Settings.DefaultPath,
    };

    /// <summary>The configuration whose rules a command counts by.</summary>
    public static Option<string?> CountedBy() => new("--config")
    {
        Description = $"Count by the rules of this configuration (default: {Settings.DefaultPath} where it has these "
            + "mailboxes)",
        HelpName = "FILE",
    };

    public static Option<long?> Size(string name, string description) =>
        Make(name, "SIZE", description, text =>
            SizeText.TryParse(text, out var bytes, out var e) ? (bytes, null) : ((long?)null, e));

    public static Option<long?> Number(string name, string helpName, string description) =>
        Make(name, helpName, description, text =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (number, null)
                : ((long?)null, $"'{text}' is not a whole number"));

    public static Option<TimeSpan?> Duration(string name, string description) =>
        Make(name, "TIME", description, text =>
            DurationText.TryParse(text, out var duration, out var e) ? (duration, null) : ((TimeSpan?)null, e));

    public static Option<CountingChoice?> Counting() =>
        Make("--counting", "maildir++|dovecot|exim", "Whose way of counting (default maildir++)", text =>
            SettingWords.TryParse(SettingWords.Counting, text, out var choice, out var e)
                ? (choice, null)
                : ((CountingChoice?)null, e));

    /// <summary>The value is <c>yes</c> or <c>no</c>; not a bool, for which the library takes no other word.</summary>
    public static Option<string?> YesNo(string name, string description) =>
        Make(name, "yes|no", description, text =>
            SettingWords.TryParse(SettingWords.YesNo, text, out var yes, out var e)
            ? (SettingWords.Of(SettingWords.YesNo, yes), null)
            : ((string?)null, e));

    /// <summary>Percentages, separated by commas.</summary>
    public static Option<int[]?> Percents(string name, string description) =>
        Make(name, "80,95", description, ParsePercents);

    /// <summary>A command line, split into words, its program found; see <see cref="CommandWords"/>.</summary>
    public static Option<string[]?> Command(string name, string description) =>
        Make(name, "COMMAND", description, ParseCommand);

    private static (int[]? Percents, string? Error) ParsePercents(string text)
    {
        var percents = new SortedSet<int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var number = part.EndsWith('%') ? part[..^1] : part;
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
                || percent is < WarningPart.LowestPercent or > WarningPart.HighestPercent)
                return (null, $"'{part}' is not a percentage from {WarningPart.LowestPercent} to "
                    + $"{WarningPart.HighestPercent}; write for example 80,95");
            percents.Add(percent);
        }
        return ([.. percents], null);
    }

    private static (string[]? Words, string? Error) ParseCommand(string text)
    {
        var words = CommandWords.Split(text, out _);
        if (words is null) return (null, "a double quote is not closed");
        if (words.Length == 0) return (null, "the command is empty");
        var paths = Environment.GetEnvironmentVariable("PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var candidates = words[0].Contains('/', StringComparison.Ordinal)
            ? [Path.GetFullPath(words[0])]
            : paths.Select(directory => Path.GetFullPath(words[0], Path.GetFullPath(directory)));
        var program = candidates.FirstOrDefault(File.Exists);
        return program is null
            ? (null, $"there is no program '{words[0]}'; give its path")
            : ([program, .. words.Skip(1)], null);
    }

    private static Option<T?> Make<T>(string name, string helpName, string description,
        Func<string, (T? Value, string? Error)> parse) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Read(result, name, parse),
        };

    private static T? Read<T>(ArgumentResult result, string name, Func<string, (T? Value, string? Error)> parse)
    {
        var (value, error) = parse(result.Tokens[0].Value);
        if (error is not null) result.AddError($"{name}: {error}");
        return value;
    }
}
