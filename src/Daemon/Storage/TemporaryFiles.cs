using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Storage;

/// <summary>Looks into a <c>tmp</c> directory.</summary>
internal static class TemporaryFiles
{
    /// <summary>Whether some file in it was written after that second. A crowded one counts as in use.</summary>
    public static bool AnyYoung(int rootFd, ReadOnlySpan<byte> tmp, long unixSeconds)
    {
        const int enough = 1000;
        var fd = Files.OpenBeneath(rootFd, tmp, followLinks: false, out _);
        if (fd < 0)
            return false;
        using var reader = new DirectoryReader();
        reader.Attach(fd);
        var (young, seen) = (false, 0);
        while (!young && seen < enough && reader.ReadBatch(out _))
            while (!young && seen++ < enough && reader.Next(out var name, out _))
                young = Files.StatAt(fd, name, followLinks: false, out var status, out _)
                    && status.ModifiedSeconds > unixSeconds;
        Files.Close(fd);
        return young;
    }
}
