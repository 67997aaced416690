using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>One inode of <c>maildirsize</c>; may be an orphan that a writer still holds open.</summary>
public sealed class SimulatedLedger(ulong inode, string text, long modifiedSeconds)
{
    public ulong Inode { get; } = inode;

    public string Text { get; private set; } = text;

    public long ModifiedSeconds { get; private set; } = modifiedSeconds;

    /// <summary>How many foreign programs hold it open: no lease while there are any.</summary>
    public int Holders { get; set; }

    public MaildirSize Parsed => MaildirSizeFormat.Parse(Encoding.Latin1.GetBytes(Text), Text.Length);

    public void Set(string text, long modifiedSeconds) => (Text, ModifiedSeconds) = (text, modifiedSeconds);
}
