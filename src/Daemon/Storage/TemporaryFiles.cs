using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Storage;

/// <summary>Looks into a <c>tmp</c> directory.</summary>
internal static class TemporaryFiles
{
    /// <summary>Whether some file in it was written after that second.</summary>
    /// <param name="rootFd">The mailbox's root.</param>
    /// <param name="tmp">Relative path.</param>
    /// <param name="unixSeconds">The second.</param>
    /// <param name="budget">How many files may still be looked at; one directory costs as much as some.</param>
    public static bool AnyYoung(int rootFd, ReadOnlySpan<byte> tmp, long unixSeconds, ref int budget)
    {
        const int directoryCost = 4;
        if ((budget -= directoryCost) <= 0)
            return false;
        var fd = Files.OpenBeneath(rootFd, tmp, followLinks: false, out _);
        if (fd < 0)
            return false;
        using var reader = new DirectoryReader();
        reader.Attach(fd);
        var young = false;
        while (!young && budget > 0 && reader.ReadBatch(out _))
            while (!young && budget-- > 0 && reader.Next(out var name, out _))
                young = Files.StatAt(fd, name, followLinks: false, out var status, out _)
                    && status.ModifiedSeconds > unixSeconds;
        Files.Close(fd);
        return young;
    }
}
