using System.Text;

namespace MaildirQuotaWatcher.Peers.Mailboxes;

/// <summary>A plain message of an exact size.</summary>
internal static class Letter
{
    private const string Start = "From: a@peers.test\nTo: b@peers.test\nSubject: t\n\n";

    /// <param name="bytes">Size, at least that of the header lines.</param>
    public static byte[] OfSize(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, Start.Length + 1);
        var text = new StringBuilder(Start, bytes);
        for (var left = bytes - Start.Length; left > 0; left -= 64)
            text.Append('x', Math.Min(left, 64) - 1).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
