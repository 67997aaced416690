using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

/// <summary>What the tests may do to this machine: root in a container often may not mount.</summary>
internal static class Rights
{
    /// <summary>capabilities(7): the number of CAP_SYS_ADMIN.</summary>
    private const int Admin = 21;

    /// <summary>Whether file systems can be mounted and limits of the kernel changed.</summary>
    public static bool MayMount { get; } = ProcessIdentity.EffectiveUid == 0 && (Effective() & (1UL << Admin)) != 0;

    /// <summary>Skips the test where that cannot be done.</summary>
    public static void DemandMount() => Assert.SkipUnless(MayMount, "this needs root with CAP_SYS_ADMIN");

    /// <summary>Skips the test where bindfs cannot serve a file system.</summary>
    public static void DemandFuse() => Assert.SkipUnless(
        MayMount && File.Exists("/dev/fuse"), "FUSE needs root with CAP_SYS_ADMIN, and /dev/fuse");

    private static ulong Effective() => Convert.ToUInt64(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal))
            .Split('\t')[1],
        16);
}
