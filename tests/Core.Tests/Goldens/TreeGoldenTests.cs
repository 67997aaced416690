using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>
/// That the trees of <c>tests/Goldens/trees</c> can be built. What is counted in them is asked in Daemon.Tests.
/// </summary>
public sealed class TreeGoldenTests : IDisposable
{
    private static readonly Dictionary<string, TreeGolden> All = TreeGolden.Load().ToDictionary(golden => golden.Id);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mqw-tree-");

    public static TheoryData<string> Ids => [.. All.Keys];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Ids))]
    public void Build_Golden_MakesAMailbox(string id)
    {
        var root = All[id].Build(_directory.FullName);

        Assert.True(Directory.Exists(Path.Combine(root, "cur")));
        foreach (var expected in All[id].Expected)
            Assert.True(expected.Resolve(root).Messages >= 0);
    }
}
