namespace MaildirQuotaWatcher.Config;

/// <summary>One thing wrong in a configuration file: where, what, and how to cure it.</summary>
/// <param name="File">The file as named by the user.</param>
/// <param name="Line">Line from 1; 0 when it is about the file as a whole.</param>
/// <param name="Message">What is wrong, and the cure.</param>
internal sealed record ConfigError(string File, int Line, string Message)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";
}
