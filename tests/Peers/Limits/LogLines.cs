using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>A log that can be read.</summary>
internal sealed class LogLines : ILogEventSink
{
    private readonly List<string> lines = [];

    public LogLines() => Log = new LoggerConfiguration().WriteTo.Sink(this).CreateLogger();

    public ILogger Log { get; }

    public string[] Lines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    public void Emit(LogEvent logEvent)
    {
        lock (lines)
            lines.Add($"{logEvent.Level}: {logEvent.RenderMessage()} {logEvent.Exception}".TrimEnd());
    }
}
