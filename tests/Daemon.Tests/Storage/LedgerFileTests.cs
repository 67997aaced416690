using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Daemon.Tests.Storage;

public sealed class LedgerFileTests : IDisposable
{
    private const string Content = "1000S\n100 1\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Append_TheFileThatWasRead_GetsTheLine()
    {
        var seen = Read();

        Assert.Equal(LedgerOutcome.Written, Append(seen).Outcome);

        Assert.Equal(Content + "7 1\n", File.ReadAllText(_directory.At("maildirsize")));
    }

    /// <summary>Append looks only whether it is the file that was read: nothing else can pass for it.</summary>
    [Theory]
    [InlineData("rm maildirsize; mkfifo maildirsize", LedgerOutcome.Changed, null)]
    [InlineData("rm maildirsize; ln -s victim maildirsize", LedgerOutcome.Failed, "a symbolic link")]
    [InlineData("rm maildirsize; ln victim maildirsize", LedgerOutcome.Changed, null)]
    [InlineData("rm maildirsize; mkdir maildirsize", LedgerOutcome.Failed, "a directory")]
    [InlineData("ln maildirsize second", LedgerOutcome.Changed, null)]
    [InlineData("cp maildirsize other; mv other maildirsize", LedgerOutcome.Changed, null)]
    [InlineData("echo 1 1 >> maildirsize", LedgerOutcome.Changed, null)]
    [InlineData("rm maildirsize", LedgerOutcome.Changed, null)]
    public void Append_SomethingElseByThen_IsLeftAlone(string command, LedgerOutcome outcome, string? problem)
    {
        File.WriteAllText(_directory.At("victim"), Content);
        var seen = Read();
        Shell.Run("bash", "-ec", $"cd '{_directory.Text}'; {command}");

        var write = Append(seen);

        Assert.Equal(outcome, write.Outcome);
        Assert.Contains(problem ?? "", write.Problem ?? "", StringComparison.Ordinal);
        Assert.Equal(Content, File.ReadAllText(_directory.At("victim")));
        Shell.Run("bash", "-ec", $"cd '{_directory.Text}'; ! grep -s '^7 1' $(find . -type f)");
    }

    [Fact]
    public void Read_GrownToManyBuffers_KnowsTheWholeLength()
    {
        File.WriteAllText(_directory.At("maildirsize"), Content + new string('\n', 30_000));

        Assert.Equal(Content.Length + 30_000, LedgerFile.Read(_directory.Fd, _directory.Path, 0).Identity.Length);
    }

    private LedgerReading Read()
    {
        File.WriteAllText(_directory.At("maildirsize"), Content);
        var seen = LedgerFile.Read(_directory.Fd, _directory.Path, 0);
        Assert.Equal(LedgerState.Present, seen.State);
        return seen;
    }

    private LedgerWrite Append(LedgerReading seen) =>
        LedgerFile.Append(_directory.Fd, _directory.Path, seen, new UsageDelta(7, 1), insist: false);
}
