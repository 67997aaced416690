namespace MaildirQuotaWatcher.Linux;

/// <summary>A failed system call, for a message to a person.</summary>
/// <param name="Call">The C name of the call, <c>open</c>.</param>
/// <param name="Path">What it was called on, already fit for display.</param>
/// <param name="Errno">Why it failed.</param>
internal sealed record SystemCallError(string Call, string Path, Errno Errno)
{
    public override string ToString() => $"{Call}({Path}) failed: {Errno.Text} ({Errno.Name})";
}
