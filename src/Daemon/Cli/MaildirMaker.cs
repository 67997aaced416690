using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Makes a Maildir where there is none: <c>watch --create</c>.</summary>
internal static class MaildirMaker
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <returns>What is in the way, or null.</returns>
    public static string? Make(string path)
    {
        if (MaildirCheck.NoText(path) is { } lost)
            return lost;
        try
        {
            foreach (var name in (ReadOnlySpan<string>)["tmp", "new", "cur"])
                Directory.CreateDirectory(Path.Combine(path, name), OwnerOnly);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"{ByteText.Display(System.Text.Encoding.UTF8.GetBytes(path))}: cannot be made: {refused.Message}";
        }
    }
}
