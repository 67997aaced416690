using System.Globalization;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Users;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MaildirQuotaWatcher.Cli;

/// <summary>
/// The verb <c>check-config</c>: every error on stderr, or the settings in force on stdout and remarks on stderr.
/// </summary>
internal static class CheckConfigCommand
{
    public static async Task<int> RunAsync(CheckConfigOptions options, CancellationToken stop)
    {
        var remarks = new List<ConfigError>();
        var (settings, errors) = SettingsFile.Load(
            options.ConfigFile, static name => Accounts.Find(name) is not null, remarks);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        if (errors.Count > 0)
        {
            var text = errors.Count == 1 ? "1 error" : $"{errors.Count} errors";
            await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
            return ExitCode.BadUsage;
        }
        await Console.Out.WriteAsync(SettingsText.Format(settings)).ConfigureAwait(false);
        foreach (var remark in remarks)
            await Console.Error.WriteLineAsync(EscapingText.Escape(remark.ToString())).ConfigureAwait(false);
        if (await AskSourcesAsync(settings, stop).ConfigureAwait(false) > 0)
            return ExitCode.SomeFailed;
        await Console.Error.WriteLineAsync($"{EscapingText.Escape(options.ConfigFile)} is fine").ConfigureAwait(false);
        return ExitCode.Fine;
    }

    /// <summary>Asks each source of limits once, a file for all it says; what is wrong with it is said.</summary>
    /// <returns>How many do not answer, and how many bad settings they hold.</returns>
    private static async Task<int> AskSourcesAsync(Settings settings, CancellationToken stop)
    {
        var complaints = new ComplaintCount();
        var log = new LoggerConfiguration().WriteTo.Sink(complaints).CreateLogger();
        await using var _ = log.ConfigureAwait(false);
        var failed = 0;
        foreach (var spec in settings.Limits.Sources)
        {
            var source = spec.Create(log);
            await using var __ = source.ConfigureAwait(false);
            try
            {
                await source.FindAsync("nobody@example.invalid", stop).ConfigureAwait(false);
                if (source is FileSource file)
                    foreach (var same in file.ReadLines().GroupBy(line => line.Fields))
                        failed += await CheckAsync(settings, file.Name, [.. same.Select(line => line.Name)], same.Key)
                            .ConfigureAwait(false);
            }
            catch (LimitSourceException problem)
            {
                failed++;
                await Console.Error.WriteLineAsync(EscapingText.Escape($"{source.Name}: {problem.Message}"))
                    .ConfigureAwait(false);
            }
        }

        return failed + complaints.Count;
    }

    /// <summary>Says what is wrong with the settings of some users, who all have the same.</summary>
    /// <returns>How many cannot be read, or name a command that is not there.</returns>
    private static async Task<int> CheckAsync(Settings settings, string source, string[] names, UserFields fields)
    {
        var quota = UserQuota.Of(settings.Quota, fields, (_, _) => CountingPolicy.MaildirPlusPlus);
        string[] bad =
        [
            .. quota.Problems,
            .. quota.Roots.Where(root => root.HasOwnWarnings).SelectMany(root => root.Warnings)
                .Select(warning => SettingsValidator.ProblemOf(warning.Command)).OfType<string>(),
        ];
        var small = fields.SelectMany(
            field => SettingsRemarks.OfAmounts(field.Key, field.Value).Select(text =>
                field.Key.Contains("own_rule", StringComparison.Ordinal) ? text : $"{field.Key}: {text}"));
        var whose = names.Length == 1 ? names[0] : $"{names[0]} and {names.Length - 1} more";
        foreach (var text in bad.Concat(quota.Remarks.Concat(small).Select(remark => $"remark: {remark}")))
            await Console.Error.WriteLineAsync(EscapingText.Escape($"{source}: {whose}: {text}")).ConfigureAwait(false);
        return bad.Length;
    }

    /// <summary>Says the bad lines of a source on stderr.</summary>
    private sealed class ComplaintCount : ILogEventSink
    {
        public int Count { get; private set; }

        public void Emit(LogEvent logEvent)
        {
            Count++;
            Console.Error.WriteLine(EscapingText.Escape(logEvent.RenderMessage(CultureInfo.InvariantCulture)));
        }
    }
}
