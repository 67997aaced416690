namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// A thread that hangs while a file server does not answer: nobody waits for it longer than this. One caller at a time.
/// </summary>
/// <param name="ask">Done when the thread has come round to it.</param>
internal sealed class SignOfLife(Func<Task> ask)
{
    private Task _answer = Task.CompletedTask;

    /// <summary>Who has not moved for so long counts as hanging.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks for the next sign.</summary>
    /// <returns>False when none has come since the last time.</returns>
    public bool Ask()
    {
        if (!_answer.IsCompleted)
            return false;
        _answer = ask();
        return true;
    }
}
