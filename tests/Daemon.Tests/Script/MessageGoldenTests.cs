using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>The whole message in each language and case: <c>tests/Goldens/messages</c>.</summary>
public sealed class MessageGoldenTests : IDisposable
{
    private readonly WarningScript _script = new();

    public static TheoryData<string> Ids => [.. Cases().Select(golden => golden.Id)];

    public void Dispose() => _script.Dispose();

    [Theory]
    [MemberData(nameof(Ids))]
    public void Print_EachLanguageAndCase_IsTheGolden(string id)
    {
        var golden = Cases().Single(each => each.Id == id);
        golden.Allow("|");
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        _script.Set($"language = {id[..dash]}", "contact = helpdesk@example.org");
        var message = Situations.Print(_script, id[(dash + 1)..]);
        Assert.Equal(string.Concat(golden.Lines.Select(line => line.Value + "\n")), message.ToString());
        Assert.All(message.Raw.Split('\n'), line => Assert.True(line.Length <= 78 && line.All(char.IsAscii), line));
    }

    [Fact]
    public void Goldens_EveryTemplate_HasAllCases()
    {
        var templates = Directory.GetFiles(RepositoryRoot.Combine("packaging", "etc", "quota-warning"))
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);
        Assert.Equal(
            from language in templates
            from situation in Situations.All.Order(StringComparer.Ordinal)
            select $"{language}-{situation}",
            Cases().Select(golden => golden.Id).Order(StringComparer.Ordinal));
    }

    private static IReadOnlyList<GoldenCase> Cases() => GoldenFile.LoadFolder("messages");
}
