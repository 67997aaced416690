using MaildirQuotaWatcher.Config;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Makes the one logger of a verb. Dispose it last, so that the last lines are out.</summary>
internal static class Logging
{
    /// <summary>For <c>run</c>: stderr, journal prefixes unless it is a terminal.</summary>
    /// <param name="level">May be changed while it runs.</param>
    public static Logger ForRun(LoggingLevelSwitch level) =>
        Create(level, Console.IsErrorRedirected ? LineDress.Journal : TerminalDress(), standardError: true);

    /// <summary>For the other verbs: stdout, plain lines unless it is a terminal.</summary>
    public static Logger ForWatch(LogLevel level) =>
        Create(
            new LoggingLevelSwitch(LevelOf(level)),
            Console.IsOutputRedirected ? LineDress.Plain : TerminalDress(),
            standardError: false);

    /// <summary>The logger's word for a level of the configuration.</summary>
    public static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    private static Logger Create(LoggingLevelSwitch level, LineDress dress, bool standardError) =>
        new LoggerConfiguration().MinimumLevel.ControlledBy(level)
        .WriteTo.Console(new LineFormatter(dress), standardErrorFromLevel: standardError ? LogEventLevel.Verbose : null)
        .CreateLogger();

    private static LineDress TerminalDress() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? LineDress.Colour : LineDress.Terminal;
}
