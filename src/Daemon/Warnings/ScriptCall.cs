using System.Diagnostics;
using System.Globalization;
using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// One command to run: who runs it, argument list and environment, never a shell. The words of a command may hold
/// <c>%u</c> and <c>%{user}</c>, <c>%n</c>, <c>%d</c> (user, its part before and after the <c>@</c>) and <c>%%</c>, as
/// in Dovecot's settings. Immutable.
/// </summary>
/// <param name="Target">Who runs it.</param>
/// <param name="Arguments">All arguments.</param>
/// <param name="Environment">The whole environment; a script service does not get it.</param>
/// <param name="User">Whom it is about, for messages.</param>
internal sealed record ScriptCall(
    CommandTarget Target, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string User)
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>The call for a warning; null when its command cannot be read, which the log is told of.</summary>
    /// <param name="due">The warning, with what was so at its crossing.</param>
    /// <param name="now">What is so now, maybe hours later; null when not known.</param>
    /// <param name="error">Why null.</param>
    public static ScriptCall? Of(DueWarning due, (Usage Usage, QuotaLimit Limit)? now, out string? error)
    {
        var (warning, subject) = (due.Warning, due.Subject);
        if (!CommandTarget.TryParse(warning.Rule.Command[0], out var target, out error)) return null;
        var environment = EnvironmentOf(subject, warning.Rule.Below ? "under" : "over");
        environment["MQW_WARNING_ID"] = Text(due.Id);
        environment["MQW_RESOURCE"] = WarningPart.WordOf(warning.Part.Resource);
        environment["MQW_THRESHOLD"] = Text(warning.Part.Amount);
        environment["MQW_UNIT"] = warning.Part.IsPercent ? "percent"
            : warning.Part.Resource == QuotaResource.Storage ? "bytes" : "messages";
        environment["MQW_PERCENT"] = Text(warning.PercentUsed);
        environment["MQW_USAGE_BYTES"] = Text(warning.Usage.Bytes);
        environment["MQW_LIMIT_BYTES"] = Text(warning.Limit.Bytes);
        environment["MQW_USAGE_MESSAGES"] = Text(warning.Usage.Messages);
        environment["MQW_LIMIT_MESSAGES"] = Text(warning.Limit.Messages);
        if (now is var (usage, limit))
        {
            environment["MQW_NOW_PERCENT"] = Text((warning with { Usage = usage, Limit = limit }).PercentUsed);
            environment["MQW_NOW_USAGE_BYTES"] = Text(usage.Bytes);
            environment["MQW_NOW_LIMIT_BYTES"] = Text(limit.Bytes);
            environment["MQW_NOW_USAGE_MESSAGES"] = Text(usage.Messages);
            environment["MQW_NOW_LIMIT_MESSAGES"] = Text(limit.Messages);
        }
        if (due.Largest.Length > 0) environment["MQW_LARGEST"] = due.Largest;
        if (warning.IsReminder) environment["MQW_REMINDER"] = "1";
        string[] appended = target.Kind == TargetKind.Program ? [Text(warning.Part.Amount), subject.User] : [];
        return new ScriptCall(target, WordsOf(warning.Rule.Command, subject.User, appended), environment, subject.User);
    }

    /// <summary>The call for an over-quota flag that is wrong; its value comes last where there is one.</summary>
    public static ScriptCall OfFlag(
        CommandTarget target, string[] command, WarningSubject subject, bool isOver, string? flag)
    {
        var environment = EnvironmentOf(subject, isOver ? "over" : "under");
        if (flag is not null) environment["MQW_OVER_FLAG"] = flag;
        string[] user = target.Kind == TargetKind.Program ? [subject.User] : [];
        string[] appended = flag is null ? user : [.. user, flag];
        return new ScriptCall(target, WordsOf(command, subject.User, appended), environment, subject.User);
    }

    /// <summary>As a process of our own.</summary>
    /// <param name="runAs">
    /// Account; its uid, gid and supplementary groups are all that the process has. Null for the daemon's.
    /// </param>
    public ProcessStartInfo Describe(string? runAs)
    {
        var start = new ProcessStartInfo(Target.Address, Arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        if (runAs is not null) start.UserName = runAs;
        return start;
    }

    private static Dictionary<string, string> EnvironmentOf(WarningSubject subject, string direction) => new()
    {
        ["PATH"] = SearchPath,
        ["LANG"] = "C.UTF-8",
        ["HOME"] = "/",
        ["MQW_USER"] = subject.User,
        ["MQW_MAILBOX"] = subject.Mailbox,
        ["MQW_ROOT"] = subject.Root,
        ["MQW_DIRECTION"] = direction,
    };

    private static string[] WordsOf(string[] command, string user, string[] appended) =>
        [.. command.Skip(1).Select(word => Expand(word, user)), .. appended];

    private static string Expand(string word, string user)
    {
        if (!word.Contains('%', StringComparison.Ordinal)) return word;
        var at = user.IndexOf('@');
        (string Variable, string Value)[] variables =
        [
            ("%%", "%"), ("%{user}", user), ("%u", user),
            ("%n", at < 0 ? user : user[..at]), ("%d", at < 0 ? "" : user[(at + 1)..]),
        ];
        var expanded = new StringBuilder();
        for (var i = 0; i < word.Length;)
        {
            var rest = word.AsSpan(i);
            var (length, value) = (1, word[i].ToString());
            foreach (var known in variables)
                if (rest.StartsWith(known.Variable, StringComparison.Ordinal))
                {
                    (length, value) = (known.Variable.Length, known.Value);
                    break;
                }
            expanded.Append(value);
            i += length;
        }
        return expanded.ToString();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
