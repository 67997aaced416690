namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>One thing that happens to the mailbox. Immutable.</summary>
/// <param name="Title">For the headline and the final table.</param>
/// <param name="Act">What the program in question does, in its words.</param>
/// <param name="Do">Does it.</param>
/// <param name="Warns">Whether a warning script must run.</param>
internal sealed record DemoStep(string Title, string Act, Action Do, bool Warns = false);
