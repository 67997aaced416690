namespace MaildirQuotaWatcher.Quota;

/// <summary>A signed change of usage: one data line of <c>maildirsize</c>.</summary>
/// <param name="Bytes">Bytes added, negative when removed.</param>
/// <param name="Messages">Messages added, negative when removed.</param>
public readonly record struct UsageDelta(long Bytes, long Messages)
{
    public bool IsZero => Bytes == 0 && Messages == 0;

    public override string ToString() => $"{Bytes:+0;-0;0} bytes, {Messages:+0;-0;0} messages";
}
