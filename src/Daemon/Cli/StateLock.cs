namespace MaildirQuotaWatcher.Cli;

/// <summary>Held by the one service that uses a state directory; given back when the process ends.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <returns>Null when another process holds it, or the directory cannot be used.</returns>
    public static StateLock? TryTake(string directory, out string? problem)
    {
        var path = Path.Combine(directory, "lock");
        try
        {
            problem = null;
            if (!Directory.Exists(directory))
                Directory.CreateDirectory(
                    directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // FileShare.None is flock(2) here: it lasts as long as the process, however that ends.
            return new StateLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be locked: another maildir-quota-watcher uses this state directory, or it cannot "
                + $"be written ({refused.Message.TrimEnd('.')}). End the other one, or give each a [state] directory";
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
