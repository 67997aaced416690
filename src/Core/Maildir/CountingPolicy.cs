namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// What counts. A site's choice, because the programs disagree: Courier leaves out <c>.Trash</c> and mail flagged T,
/// Dovecot and Exim count both, and each reads odd names its own way. Immutable.
/// </summary>
public sealed record CountingPolicy : IFolderRoots
{
    /// <summary>Courier, maildrop: the default of Maildir++.</summary>
    public static CountingPolicy MaildirPlusPlus { get; } = new()
    {
        Name = "maildir++",
        SizeReading = SizeReading.LastBeforeColon,
        DotFiles = DotFiles.Skip,
    };

    /// <summary>Dovecot without <c>ignore</c> rules.</summary>
    public static CountingPolicy Dovecot { get; } = new()
    {
        Name = "dovecot",
        SizeReading = SizeReading.FirstTerminated,
        DotFiles = DotFiles.SkipDoubleDot,
        CountTrashFolder = true,
        CountTrashedFlag = true,
        FollowLinkedFolders = true,
    };

    /// <summary>
    /// Exim with <c>quota_size_regex = ,S=(\d+)</c>. Without that option it is <see cref="WithoutTrustedNames"/> of
    /// this.
    /// </summary>
    public static CountingPolicy Exim { get; } = new()
    {
        Name = "exim",
        SizeReading = SizeReading.FirstDigits,
        DotFiles = DotFiles.Count,
        CountTrashFolder = true,
        CountTrashedFlag = true,
        FollowLinkedFolders = true,
        NestedFolders = true,
        SubdirectoriesAsFolders = true,
        CountDangling = true,
        DivideByLinks = true,
    };

    /// <summary>Every policy known by name.</summary>
    public static IReadOnlyList<CountingPolicy> All { get; } = [MaildirPlusPlus, Dovecot, Exim];

    /// <summary>The word in the configuration: <c>maildir++</c>, <c>dovecot</c>, <c>exim</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which <c>,S=</c> of a name is believed.</summary>
    public SizeReading SizeReading { get; init; }

    /// <summary>Which dot-files in <c>new</c> and <c>cur</c> count.</summary>
    public DotFiles DotFiles { get; init; }

    /// <summary>Count the folder named exactly <c>.Trash</c>.</summary>
    public bool CountTrashFolder { get; init; }

    /// <summary>Count messages flagged T.</summary>
    public bool CountTrashedFlag { get; init; }

    /// <summary>Count folders that are symbolic links to directories.</summary>
    public bool FollowLinkedFolders { get; init; }

    /// <summary>Count folders inside folders, <c>.A/.B/cur</c> (Exim).</summary>
    public bool NestedFolders { get; init; }

    /// <summary>
    /// A directory inside <c>new</c> or <c>cur</c> is one message of 0 bytes and what it holds counts too (Exim). The
    /// others count it as one message of its own st_size and do not look inside.
    /// </summary>
    public bool SubdirectoriesAsFolders { get; init; }

    /// <summary>An entry whose stat fails is still one message, of 0 bytes (Exim).</summary>
    public bool CountDangling { get; init; }

    /// <summary>On disk a message is st_size / st_nlink (Exim since 4.93); sizes in names are never divided.</summary>
    public bool DivideByLinks { get; init; }

    /// <summary>The policy of that name in any case, or null.</summary>
    public static CountingPolicy? Find(string name)
    {
        ReadOnlySpan<CountingPolicy> known = [MaildirPlusPlus, Dovecot, Exim];
        foreach (var policy in known)
            if (policy.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return policy;
        return null;
    }

    /// <summary>The same, believing no name: whoever may rename a message may otherwise lie about its size.</summary>
    public CountingPolicy WithoutTrustedNames() => this with { SizeReading = SizeReading.Never };

    /// <summary>Whether a folder counts.</summary>
    /// <param name="folderName">The directory's name with its leading dot; empty for INBOX.</param>
    public bool CountsFolder(ReadOnlySpan<byte> folderName) =>
        CountTrashFolder || !folderName.SequenceEqual(".Trash"u8);

    /// <summary>The roots of mailboxes without folder rules: the user's own, or none.</summary>
    public int RootOf(ReadOnlySpan<byte> folderName) => CountsFolder(folderName) ? 0 : -1;

    /// <summary>How an entry counts of which the disk was asked.</summary>
    /// <param name="stat">What stat(2) said, links followed.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <returns>False when it is no message.</returns>
    public bool TrySize(MessageStat stat, out long bytes)
    {
        bytes = stat switch
        {
            { Exists: false } or { Kind: EntryKind.Other } => 0,
            { Kind: EntryKind.Directory } => SubdirectoriesAsFolders ? 0 : stat.Bytes,
            { Links: > 1 } when DivideByLinks => stat.Bytes / stat.Links,
            _ => stat.Bytes,
        };
        return stat.Exists || CountDangling;
    }
}
