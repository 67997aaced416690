using System.Diagnostics;
using System.Globalization;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// How a warning becomes a process: argument list and environment, never a shell. The words of the command may hold
/// <c>%u</c>, <c>%n</c>, <c>%d</c> (user, its part before and after the <c>@</c>), as in Dovecot's settings.
/// </summary>
internal static class ScriptCall
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static ProcessStartInfo Describe(PendingWarning pending, string? runAs)
    {
        var threshold = pending.Warning.Threshold;
        var start = new ProcessStartInfo(threshold.Command[0])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in threshold.Command.Skip(1)) start.ArgumentList.Add(Expand(word, pending.User));
        start.ArgumentList.Add(Text(threshold.Percent));
        start.ArgumentList.Add(pending.User);
        SetEnvironment(start.Environment, pending);
        if (runAs is not null) start.UserName = runAs;
        return start;
    }

    private static void SetEnvironment(IDictionary<string, string?> environment, PendingWarning pending)
    {
        var warning = pending.Warning;
        environment.Clear();
        environment["PATH"] = SearchPath;
        environment["LANG"] = "C.UTF-8";
        environment["HOME"] = "/";
        environment["MQW_USER"] = pending.User;
        environment["MQW_MAILBOX"] = pending.Mailbox;
        environment["MQW_RESOURCE"] = Threshold.NameOf(warning.Threshold.Resource);
        environment["MQW_THRESHOLD"] = Text(warning.Threshold.Percent);
        environment["MQW_DIRECTION"] = warning.Threshold.Below ? "under" : "over";
        environment["MQW_PERCENT"] = Text(warning.PercentUsed);
        environment["MQW_USAGE_BYTES"] = Text(warning.Usage.Bytes);
        environment["MQW_LIMIT_BYTES"] = Text(warning.Limit.Bytes);
        environment["MQW_USAGE_MESSAGES"] = Text(warning.Usage.Messages);
        environment["MQW_LIMIT_MESSAGES"] = Text(warning.Limit.Messages);
    }

    private static string Expand(string word, string user)
    {
        if (!word.Contains('%', StringComparison.Ordinal)) return word;
        var at = user.LastIndexOf('@');
        var (name, domain) = at < 0 ? (user, "") : (user[..at], user[(at + 1)..]);
        var parts = new System.Text.StringBuilder();
        for (var i = 0; i < word.Length; i++)
        {
            var replacement = word[i] == '%' && i + 1 < word.Length
                ? word[i + 1] switch { 'u' => user, 'n' => name, 'd' => domain, '%' => "%", _ => null }
                : null;
            if (replacement is null)
            {
                parts.Append(word[i]);
                continue;
            }
            parts.Append(replacement);
            i++;
        }
        return parts.ToString();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
