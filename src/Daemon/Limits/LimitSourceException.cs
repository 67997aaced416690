namespace MaildirQuotaWatcher.Limits;

/// <summary>A source of limits gives no answer; the message names file or server and the cure, no password.</summary>
/// <param name="message">For people.</param>
/// <param name="onlyThisUser">The source works: it is the entry of the one user asked for that is wrong.</param>
/// <param name="inner">What it was made of; not for the log.</param>
internal sealed class LimitSourceException(string message, bool onlyThisUser = false, Exception? inner = null)
    : Exception(message, inner)
{
    public bool OnlyThisUser { get; } = onlyThisUser;

    /// <summary>A file that is just being written: it is tried again very soon, and nothing is said of it.</summary>
    public bool IsBeingWritten { get; init; }
}
