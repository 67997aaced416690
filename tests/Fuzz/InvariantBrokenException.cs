namespace MaildirQuotaWatcher.Fuzz;

/// <summary>A parser said something that a naive second opinion denies.</summary>
public sealed class InvariantBrokenException : Exception
{
    public InvariantBrokenException()
    {
    }

    public InvariantBrokenException(string message)
        : base(message)
    {
    }

    public InvariantBrokenException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
