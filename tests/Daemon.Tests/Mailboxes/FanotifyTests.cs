using MaildirQuotaWatcher.Daemon.Tests.Hostile;
using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>The same tests once more, with mailboxes watched by fanotify; <see cref="LiveWatch"/> checks that they
/// are.</summary>
internal static class WatchedByFanotify
{
    private static readonly Lazy<string?> Problem = new(static () =>
    {
        using var group = Fanotify.Create(out var problem);
        return problem;
    });

    /// <summary>Why the file system of the scratch directories cannot be watched so; null where it can.</summary>
    private static readonly Lazy<string?> Obstacle = new(static () =>
    {
        using var group = Fanotify.Create(out _);
        using var directory = new TemporaryDirectory();
        return group!.AddWatch(directory.Fd, InotifyMask.IN_CREATE, out var errno) < 0
            ? FanotifyObstacle.OfFileSystem(directory.Text, errno)
            : null;
    });

    /// <summary>
    /// Skips the test, with the reason, where the kernel gives no group, which who may mount always gets, or where the
    /// scratch directories lie on overlayfs or the like: TMPDIR names another place.
    /// </summary>
    public static SourceChoice Choice
    {
        get
        {
            Assert.SkipWhen(Problem.Value is not null && !Rights.MayMount, Problem.Value ?? "");
            Assert.Null(Problem.Value);
            Assert.SkipWhen(Obstacle.Value is not null, Obstacle.Value ?? "");
            return SourceChoice.Fanotify;
        }
    }
}

public sealed class OperationGoldenFanotifyTests : OperationGoldenTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}

public sealed class SwappedMailboxFanotifyTests : SwappedMailboxTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}

public sealed class WatchScriptFanotifyTests : WatchScriptTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}

public sealed class TreeGoldenFanotifyTests : TreeGoldenTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}

public sealed class AwaitedMailboxFanotifyTests : AwaitedMailboxTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}

public sealed class HostileNamesFanotifyTests : HostileNamesTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}

public sealed class LedgerInTheWayFanotifyTests : LedgerInTheWayTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}
