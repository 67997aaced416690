using MaildirQuotaWatcher.Cli;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MaildirQuotaWatcher.Daemon.Tests.Cli;

public sealed class LineFormatterTests
{
    [Fact]
    public void Format_ForeignText_IsNoTemplateAndNoControlSequence()
    {
        Assert.Equal("watching /m/{0}\\x1b[31m\\x0a x 7\n",
            Write(LineDress.Plain, log => log.Information("watching {Mailbox} {X:l} {N}", "/m/{0}\u001b[31m\n", "x", 7)));
    }

    [Fact]
    public void Format_Journal_HasPriorities()
    {
        Assert.Equal("<6>a\n<4>b\n<3>c: System.IO.IOException: d | e\n<7>f\n", Write(LineDress.Journal, log =>
        {
            log.Information("a");
            log.Warning("b");
            log.Error(new IOException("d\ne"), "c");
            log.Debug("f");
        }));
    }

    [Fact]
    public void Format_Plain_NamesWhatIsGrave() =>
        Assert.Equal("warning: b: d\n", Write(LineDress.Plain, log => log.Warning(new IOException("d"), "b")));

    private static string Write(LineDress dress, Action<ILogger> act)
    {
        var output = new StringWriter();
        using var log = new LoggerConfiguration().MinimumLevel.Debug()
            .WriteTo.Sink(new TextSink(new LineFormatter(dress), output)).CreateLogger();
        act(log);
        return output.ToString();
    }

    private sealed class TextSink(LineFormatter formatter, TextWriter output) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => formatter.Format(logEvent, output);
    }
}
