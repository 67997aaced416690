using MaildirQuotaWatcher.Testing;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

/// <summary>A private directory with scripts, a state directory, and a log that can be read.</summary>
internal sealed class ScriptDirectory : IDisposable, ILogEventSink
{
    private readonly ScratchDirectory _directory = new();
    private readonly List<string> _lines = [];

    public ScriptDirectory() => Log = new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(this).CreateLogger();

    public string Path => _directory.FullName;

    public string State => System.IO.Path.Combine(Path, "state");

    public ILogger Log { get; }

    public string[] Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>Writes an executable shell script; <c>$OUT</c> in it is the directory.</summary>
    public string Script(string name, string body)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, "#!/bin/sh\nOUT='" + Path + "'\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public string[] Read(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_lines) _lines.Add($"{logEvent.Level}: {logEvent.RenderMessage()} {logEvent.Exception}".TrimEnd());
    }

    public void Dispose() => _directory.Dispose();
}
