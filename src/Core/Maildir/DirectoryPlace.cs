namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// What the caller of <see cref="MailboxIndex"/> keeps with each directory, so that there is one table of directories
/// and not two.
/// </summary>
public struct DirectoryPlace
{
    /// <summary>Which directory it is, from device and inode.</summary>
    public ulong Identity { get; set; }

    /// <summary>
    /// The directory's change time when the total was last known to fit it, nanoseconds since 1970; 0 when it is not
    /// known. Any event makes it 0.
    /// </summary>
    public long Stamp { get; set; }

    /// <summary>The kernel's watch; -1 for none.</summary>
    public int Watch { get; set; }
}
