namespace MaildirQuotaWatcher.Linux;

/// <summary>What people can do about a failed call; empty when that is not known. Begins with "; ".</summary>
internal static class Cure
{
    public static string For(Errno errno)
    {
        if (errno == Errno.ENOSPC || errno == Errno.EDQUOT)
            return "; make room on the file system";
        if (errno == Errno.EROFS)
            return "; the file system is read-only: remount it";
        if (errno == Errno.EACCES || errno == Errno.EPERM)
            return "; run as root or as the owner, and check owner and mode";
        return errno == Errno.EMFILE || errno == Errno.ENFILE
            ? "; too many files are open: raise the limit (ulimit -n, LimitNOFILE=)"
            : "";
    }
}
