using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>Many mailboxes are counted at once, and said in the order in which they were named.</summary>
public sealed class OrderTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly string[] _mailboxes;

    public OrderTests()
    {
        _mailboxes = [.. Enumerable.Range(0, 30).Select(i => $"{_scratch.FullName}/{(i * 7) % 30}.box")];
        foreach (var (i, mailbox) in _mailboxes.Index())
        {
            foreach (var half in (string[])["new", "cur", "tmp"])
                Directory.CreateDirectory(Path.Combine(mailbox, half));
            File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n");
            // The first ones take longest.
            for (var message = 0; message < 2000 >> i; message++)
                File.WriteAllText(Path.Combine(mailbox, "cur", $"{message}.a.h"), "x");
        }
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("inspect")]
    [InlineData("recalc")]
    public void Verb_ManyMailboxes_SaysThemInOrder(string verb)
    {
        using var binary = new Binary(new Dictionary<string, string>(), [verb, .. _mailboxes]);

        Assert.Equal(0, binary.End());
        var said = binary.Lines.SelectMany(line => _mailboxes.Where(box => line.Contains(box, StringComparison.Ordinal)));
        Assert.Equal(_mailboxes, said);
    }

    [Fact]
    public void Recalc_OneNamedTwiceAndOneMissing_TheOthersAreSaid()
    {
        using var binary = new Binary(
            new Dictionary<string, string>(),
            "recalc", _mailboxes[0], _scratch.FullName + "/nothing", _mailboxes[0], _mailboxes[1]);

        Assert.NotEqual(0, binary.End());
        var said = binary.Lines.Where(line => line.Contains("replaced", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, said.Length);
        Assert.Contains(_mailboxes[0], said[0], StringComparison.Ordinal);
        Assert.Contains(_mailboxes[1], said[1], StringComparison.Ordinal);
    }
}
