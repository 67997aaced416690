namespace MaildirQuotaWatcher.Control;

/// <summary>
/// Keeps the STATUS of <c>systemctl status</c> up to date: sent when it changes, a little later, so that a thousand
/// changes make one message. At rest no timer runs. Any thread.
/// </summary>
internal sealed class StatusLine : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly SystemdNotifier _systemd;
    private readonly Func<string> _text;
    private readonly Timer _timer;
    private int _armed;
    private string? _sent;

    /// <param name="systemd">Whom to tell.</param>
    /// <param name="text">What is so at the moment.</param>
    public StatusLine(SystemdNotifier systemd, Func<string> text)
    {
        (_systemd, _text) = (systemd, text);
        _timer = new Timer(_ => Send());
    }

    /// <summary>It may be another one now; returns at once.</summary>
    public void Changed()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0)
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Send()
    {
        Volatile.Write(ref _armed, 0);
        var text = _text();
        if (text != Interlocked.Exchange(ref _sent, text))
            _systemd.Status(text);
    }
}
