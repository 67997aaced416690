using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace MaildirQuotaWatcher.Cli;

/// <summary>
/// Writes one log event as one line in one of three dresses. The template is ours; the values in it are foreign and
/// are escaped, strings without quotes.
/// </summary>
internal sealed class LineFormatter(LineDress dress) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var line = Render(logEvent);
        switch (dress)
        {
            case LineDress.Journal:
                output.Write($"<{PriorityOf(logEvent.Level)}>{line}");
                break;
            case LineDress.Plain:
                output.Write(WordOf(logEvent.Level) + line);
                break;
            default:
                var colour = ColourOf(logEvent.Level);
                output.Write(dress == LineDress.Colour
                    ? $"\u001b[2m{logEvent.Timestamp:HH:mm:ss}\u001b[0m {colour}{WordOf(logEvent.Level)}"
                    : $"{logEvent.Timestamp:HH:mm:ss} {WordOf(logEvent.Level)}");
                output.Write(line);
                if (dress == LineDress.Colour && colour.Length > 0) output.Write("\u001b[0m");
                break;
        }
        output.Write('\n');
    }

    private static string Render(LogEvent logEvent)
    {
        var text = new StringWriter();
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken property
                && logEvent.Properties.TryGetValue(property.PropertyName, out var value))
                text.Write(value is ScalarValue { Value: string foreign }
                    ? EscapingText.Escape(foreign)
                    : EscapingText.Escape(value.ToString(property.Format, null)));
            else
                text.Write(token.ToString());
        }
        if (logEvent.Exception is { } exception)
        {
            // an error nobody expected keeps its stack, on the same line
            var detail = logEvent.Level >= LogEventLevel.Error ? exception.ToString() : exception.Message;
            text.Write(": " + EscapingText.Escape(detail.ReplaceLineEndings(" | ")));
        }
        return text.ToString();
    }

    /// <summary>syslog(3) priorities, as sd-daemon(3) prefixes.</summary>
    private static int PriorityOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => 2,
        LogEventLevel.Error => 3,
        LogEventLevel.Warning => 4,
        LogEventLevel.Information => 6,
        _ => 7,
    };

    private static string WordOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal or LogEventLevel.Error => "error: ",
        LogEventLevel.Warning => "warning: ",
        _ => "",
    };

    private static string ColourOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal or LogEventLevel.Error => "\u001b[31m",
        LogEventLevel.Warning => "\u001b[33m",
        _ => "",
    };
}
