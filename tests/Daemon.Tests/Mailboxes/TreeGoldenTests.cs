using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Testing.Goldens;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;
using System.Diagnostics;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>Every mailbox of <c>tests/Goldens/trees</c>, by every policy, counted once and followed live.</summary>
public class TreeGoldenTests : IDisposable
{
    private static readonly Dictionary<string, TreeGolden> All = TreeGolden.Load().ToDictionary(golden => golden.Id);

    internal virtual SourceChoice Source => SourceChoice.Inotify;

    private readonly ScratchDirectory _directory = new();

    public static TheoryData<string> Ids => [.. All.Keys];

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Count_Golden_SaysWhatTheProgramsDo(string id)
    {
        var root = All[id].Build(_directory.FullName);
        using var fd = new Descriptor(Files.OpenDirectory(BytePath.FromString(root), followLinks: false, out _));
        var owner = ProcessIdentity.EffectiveUid;

        Assert.Equal(
            All[id].Expected.Select(each => $"{each.Column}: {each.Resolve(root)}"),
            All[id].Expected.Select(each => $"{each.Column}: {new MailboxCounter(each.Policy, fd.Number, owner).Total()}"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Watch_BuiltBefore_SaysWhatTheProgramsDo(string id)
    {
        var root = All[id].Build(_directory.FullName);
        foreach (var expected in All[id].Expected)
        {
            using var live = new LiveWatch(LiveWatch.Counting(expected.Policy, Source), root);
            live.Settle();
            live.WaitUntil(root, expected.Resolve(root));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Watch_BuiltMeanwhile_SaysWhatTheProgramsDo(string id)
    {
        foreach (var expected in All[id].Expected)
        {
            var place = Directory.CreateDirectory(Path.Combine(_directory.FullName, expected.Column)).FullName;
            var root = Path.Combine(place, "Maildir");
            LiveWatch.MakeMaildir(root);
            using var live = new LiveWatch(LiveWatch.Counting(expected.Policy, Source), root);

            All[id].BuildIn(root);

            live.Settle();
            live.WaitUntil(root, expected.Resolve(root));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Watch_MovedIn_SaysWhatTheProgramsDo(string id)
    {
        foreach (var expected in All[id].Expected)
        {
            var place = Directory.CreateDirectory(Path.Combine(_directory.FullName, expected.Column)).FullName;
            var root = Path.Combine(place, "Maildir");
            LiveWatch.MakeMaildir(root);
            // At the same depth, so that the relative links of the golden lead to the same things.
            var beside = Directory.CreateDirectory(Path.Combine(place, "Beside")).FullName;
            LiveWatch.MakeMaildir(beside);
            using var live = new LiveWatch(LiveWatch.Counting(expected.Policy, Source), root);
            All[id].BuildIn(beside);

            const string script = """
                cd "$1"
                for f in cur new tmp; do
                    find "$f" -mindepth 1 -maxdepth 1 -print0 | xargs -0 -r -I{} mv -- {} "../Maildir/$f/"
                done
                rmdir cur new tmp
                find . -mindepth 1 -maxdepth 1 -print0 | xargs -0 -r -I{} mv -- {} ../Maildir/
                """;
            using var moving = Process.Start("bash", ["-ec", script, "bash", beside]);
            moving.WaitForExit();
            Assert.Equal(0, moving.ExitCode);

            live.Settle();
            live.WaitUntil(root, expected.Resolve(root));
        }
    }
}
