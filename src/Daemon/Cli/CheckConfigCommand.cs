using System.Globalization;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;
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
        var (settings, errors) = SettingsFile.Load(
            options.ConfigFile, static name => Accounts.Find(name) is not null);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        if (errors.Count > 0)
        {
            var text = errors.Count == 1 ? "1 error" : $"{errors.Count} errors";
            await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
            return ExitCode.BadUsage;
        }
        await Console.Out.WriteAsync(SettingsText.Format(settings)).ConfigureAwait(false);
        var file = IniFile.Parse(options.ConfigFile,
            await File.ReadAllTextAsync(options.ConfigFile, stop).ConfigureAwait(false));
        foreach (var remark in SettingsRemarks.Of(file))
            await Console.Error.WriteLineAsync(EscapingText.Escape(remark.ToString())).ConfigureAwait(false);
        if (await AskSourcesAsync(settings, stop).ConfigureAwait(false) > 0)
            return ExitCode.SomeFailed;
        await Console.Error.WriteLineAsync($"{EscapingText.Escape(options.ConfigFile)} is fine").ConfigureAwait(false);
        return ExitCode.Fine;
    }

    /// <summary>Asks each source of limits once; what is wrong with it is said.</summary>
    /// <returns>How many do not answer, or hold bad lines.</returns>
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
