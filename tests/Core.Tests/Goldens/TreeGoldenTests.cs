using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>
/// Every mailbox of <c>tests/Goldens/trees</c>, counted naively: the policies are right before a scanner uses them.
/// </summary>
public sealed class TreeGoldenTests : IDisposable
{
    private static readonly Dictionary<string, TreeGolden> All = TreeGolden.Load().ToDictionary(golden => golden.Id);

    private readonly ScratchDirectory _directory = new();

    public static TheoryData<string> Ids => [.. All.Keys];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Ids))]
    public void Build_Golden_MakesEveryEntry(string id)
    {
        All[id].Build(_directory.FullName);

        // A maildir is four directories, and the mailbox itself is one; links are left out, .NET would walk through.
        var words = All[id].Commands.Select(command => command.Line.Word).Prepend("maildir").ToList();
        var expected = words.Sum(word => word switch { "maildir" => 4, "symlink" => 0, _ => 1 });
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        Assert.Equal(expected, Directory.EnumerateFileSystemEntries(_directory.FullName, "*", options).Count());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Count_Golden_SaysWhatTheProgramsDo(string id)
    {
        var root = All[id].Build(_directory.FullName);

        Assert.Equal(
            All[id].Expected.Select(each => $"{each.Column}: {each.Resolve(root)}"),
            All[id].Expected.Select(each => $"{each.Column}: {NaiveRecount.Count(root, each.Policy)}"));
    }

    [Fact]
    public void Resolve_SizeOfADirectory_IsWhatStatSays()
    {
        var root = All["F46"].Build(_directory.FullName);
        File.WriteAllBytes(Path.Combine(root, "nine"), new byte[9]);

        Assert.Equal(9, new TreeExpectation("exim", "size:nine", 1).Resolve(root).Bytes);
    }
}
