using MaildirQuotaWatcher.Daemon.Tests.Hostile;
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

    /// <summary>Skips the test, with the reason, where the kernel gives no group; root always gets one.</summary>
    public static SourceChoice Choice
    {
        get
        {
            Assert.SkipWhen(Problem.Value is not null && ProcessIdentity.EffectiveUid != 0, Problem.Value ?? "");
            Assert.Null(Problem.Value);
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
