namespace MaildirQuotaWatcher.State;

/// <summary>One counted directory of a <see cref="SavedMailbox"/>. All of it is opaque here.</summary>
internal ref struct SavedDirectory
{
    /// <summary>Of <see cref="Half"/>.</summary>
    public const byte New = 0, Cur = 1, Nested = 2;

    /// <summary>Name of the folder's directory below the mailbox; empty for INBOX.</summary>
    public ReadOnlySpan<byte> Folder { get; set; }

    /// <summary><see cref="New"/>, <see cref="Cur"/>, or <see cref="Nested"/> for any other one.</summary>
    public byte Half { get; set; }

    /// <summary>Below the folder, when <see cref="Nested"/>; empty otherwise.</summary>
    public ReadOnlySpan<byte> Path { get; set; }

    public ulong Device { get; set; }

    public ulong Inode { get; set; }

    /// <summary>mtime, nanoseconds since 1970, as it was before the count.</summary>
    public long Modified { get; set; }

    /// <summary>ctime, nanoseconds since 1970, as it was before the count.</summary>
    public long Changed { get; set; }

    public long Bytes { get; set; }

    public long Messages { get; set; }

    /// <summary>When it was counted, seconds since 1970.</summary>
    public long CountedAt { get; set; }

    /// <summary>Its messages whose size is not in the name; the writer looks at their number only.</summary>
    public SavedSizes Unsized { get; set; }
}
