using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>The running total of one <c>new</c> or <c>cur</c>. Totals, not messages; see
/// <see cref="MailboxIndex"/>.</summary>
internal sealed class DirectoryTally(int id, MaildirFolder folder)
{
    public int Id { get; } = id;

    public MaildirFolder Folder { get; } = folder;

    // Names can lie far beyond 2^63 in sum; adding and removing must still cancel exactly.
    private Int128 _bytes;
    private long _messages;

    /// <summary>Saturates at 2^63-1 bytes.</summary>
    public Usage Usage => new((long)Int128.Min(_bytes, long.MaxValue), _messages);

    /// <summary>Messages without a size in their name; null while there is none.</summary>
    public UnsizedMessages? Unsized { get; set; }

    /// <summary>Not null while the directory is being counted and its usage cannot be trusted.</summary>
    public DirectoryRecount? Recount { get; set; }

    /// <summary>When it was counted last, Unix seconds; 0 when that is not known.</summary>
    public long CountedAt { get; set; }

    /// <summary>Something happened that totals cannot follow; to be counted again before the next comparison.</summary>
    public bool Suspect { get; set; }

    public void Add(long bytes, long messages)
    {
        _bytes += bytes;
        _messages += messages;
    }

    /// <summary>A count has ended.</summary>
    public void Set(Int128 bytes, long messages) => (_bytes, _messages) = (bytes, messages);
}
