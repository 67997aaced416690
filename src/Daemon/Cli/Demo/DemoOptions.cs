namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>What <c>demo</c> was asked. Immutable.</summary>
/// <param name="Duration">How long it runs; null until it has shown everything.</param>
/// <param name="Keep">Leave the demonstration's mailbox behind.</param>
internal sealed record DemoOptions(TimeSpan? Duration = null, bool Keep = false);
