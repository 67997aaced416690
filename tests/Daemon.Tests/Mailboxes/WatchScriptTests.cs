using MaildirQuotaWatcher.Testing.Goldens;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>Every script of <c>tests/Goldens/watch</c>.</summary>
public class WatchScriptTests
{
    private static readonly Dictionary<string, GoldenCase> All =
        GoldenFile.LoadFolder("watch").ToDictionary(golden => golden.Id);

    internal virtual SourceChoice Source => SourceChoice.Inotify;

    public static TheoryData<string> Ids => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Run_Script_EndsAsItSays(string id)
    {
        using var script = new WatchScript(All[id], Source);
        script.Run();
    }
}
