namespace MaildirQuotaWatcher.Linux;

/// <summary>Why fanotify cannot be had, and the cure, in a sentence.</summary>
internal static class FanotifyObstacle
{
    private const string Old = "this kernel is older than 5.17: use a newer one, or source = inotify";

    /// <summary>No group could be made.</summary>
    /// <param name="call">The call that failed.</param>
    /// <param name="errno">Why.</param>
    public static string OfGroup(string call, Errno errno) => Sentence(call, "", errno, errno switch
    {
        _ when errno == Errno.EPERM => "it needs CAP_SYS_ADMIN, in the first user namespace: run as root, give the "
            + "service that capability and allow it the calls @mount and @privileged, or use source = inotify",
        _ when errno == Errno.ENOSYS => "this kernel has none (CONFIG_FANOTIFY): use source = inotify",
        _ when errno == Errno.EINVAL => Old,
        _ when errno == Errno.EMFILE => "groups or open files are used up: raise fs.fanotify.max_user_groups or the "
            + "limit of open files (ulimit -n, LimitNOFILE=)",
        _ => "use source = inotify",
    });

    /// <summary>A file system could not be marked, or its directories have no handles that fit.</summary>
    /// <param name="path">Something in it, fit for display.</param>
    /// <param name="errno">Why.</param>
    public static string OfFileSystem(string path, Errno errno) => Sentence("fanotify_mark", path, errno, errno switch
    {
        _ when errno == Errno.EXDEV => "a btrfs subvolume, or a copy of another file system with the same id; mount "
            + "the top of the btrfs, or give the copy an id of its own, to have it watched by fanotify",
        _ when errno == Errno.EOPNOTSUPP || errno == Errno.ENODEV || errno == Errno.EOVERFLOW =>
            "this kind of file system (such as overlayfs) does not tell its directories apart by handle; keep mail on "
            + "ext4, xfs, btrfs or tmpfs to have it watched by fanotify",
        _ when errno == Errno.EPERM => "it needs CAP_SYS_ADMIN in the user namespace of the file system",
        _ when errno == Errno.EINVAL => Old,
        _ when errno == Errno.ENOSPC => "marks are used up: raise fs.fanotify.max_user_marks",
        _ => "watched by inotify instead",
    });

    private static string Sentence(string call, string path, Errno errno, string cure) =>
        $"{new SystemCallError(call, path, errno)}; {cure}";
}
