namespace MaildirQuotaWatcher.Ports;

/// <summary>
/// Where accepted changes go: console, warnings, publishing. May be slow, broken or absent inside; returns at once and
/// never throws, since accounting does not wait for it.
/// </summary>
public interface IUsageListener
{
    void Accept(UsageChange change);
}
