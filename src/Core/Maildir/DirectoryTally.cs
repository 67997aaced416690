using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// The running total of one <c>new</c> or <c>cur</c>, 56 bytes. Totals, not messages; see <see cref="MailboxIndex"/>.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct DirectoryTally(int id, MaildirFolder folder)
{
    public readonly int Id = id;

    public MaildirFolder Folder = folder;

    /// <summary>Kept for the caller, see <see cref="DirectoryPlace"/>.</summary>
    public DirectoryPlace Place = new() { Watch = -1 };

    /// <summary>Something happened that totals cannot follow; to be counted again before the next comparison.</summary>
    public bool Suspect;

    // Names can lie far beyond 2^63 in sum; adding and removing must still cancel exactly.
    private ulong _low;
    private short _high;
    private int _messages;

    /// <summary>Bytes of all messages, exact.</summary>
    public readonly Int128 Bytes => new((ulong)(long)_high, _low);

    /// <summary>Saturates at 2^63-1 bytes.</summary>
    public readonly Usage Usage => new((long)Int128.Min(Bytes, long.MaxValue), _messages);

    public void Add(Int128 bytes, long messages) => Set(Bytes + bytes, _messages + messages);

    /// <summary>A count has ended.</summary>
    public void Set(Int128 bytes, long messages)
    {
        _low = (ulong)(bytes & ulong.MaxValue);
        _high = (short)(bytes >> 64);
        _messages = (int)messages;
    }
}
