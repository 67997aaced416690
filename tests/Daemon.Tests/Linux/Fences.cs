using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

/// <summary>What a fence of any source has to do.</summary>
internal static class Fences
{
    /// <param name="source">Watches the directory for new entries.</param>
    /// <param name="wd">Its watch.</param>
    /// <param name="readAll">Everything that is in its queue.</param>
    public static void CheckSeveralBetweenEvents(
        IWatchSource source, TemporaryDirectory directory, int wd, Func<List<Seen>> readAll)
    {
        var expected = new List<Seen>();
        for (var i = 0; i < 50; i++)
        {
            directory.Touch($"{i}");
            expected.Add(new Seen(wd, IN_CREATE, Seen.Hex($"{i}")));
            for (var fences = 0; fences <= i % 3; fences++)
            {
                expected.Add(new Seen(source.Fence(out var errno), IN_IGNORED, ""));
                Assert.Equal(Errno.None, errno);
            }
        }

        Assert.Equal(expected, readAll());
        Assert.Equal(expected.Count - 50, expected.Where(seen => seen.Mask == IN_IGNORED).Distinct().Count());
    }

    /// <inheritdoc cref="CheckSeveralBetweenEvents"/>
    public static async Task CheckFromManyThreadsAsync(
        IWatchSource source, TemporaryDirectory directory, Func<List<Seen>> readAll)
    {
        var fences = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            Enumerable.Range(0, 50).Select(i =>
            {
                directory.Touch($"{thread}.{i}");
                return (Fence: source.Fence(out _), Name: Seen.Hex($"{thread}.{i}"));
            }).ToList())));

        var records = readAll();

        Assert.All(fences.SelectMany(pairs => pairs), pair => Assert.InRange(
            records.FindIndex(seen => seen.Name == pair.Name), 0, records.FindIndex(seen => seen.Wd == pair.Fence)));
        Assert.Equal(800, records.Count);
    }
}

/// <summary>A record that was read.</summary>
/// <param name="Name">In hexadecimal.</param>
internal sealed record Seen(int Wd, uint Mask, string Name)
{
    public static string Hex(string name) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name));
}
