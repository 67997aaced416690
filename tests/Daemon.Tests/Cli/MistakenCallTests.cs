using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Cli;

/// <summary>What an administrator may mistake: each is said and has an exit code of its own, never a success.</summary>
public sealed class MistakenCallTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(ExitCode.BadUsage, "demo", "--seconds", "abc")]
    [InlineData(ExitCode.SomeFailed, "inspect", "@")]
    [InlineData(ExitCode.SomeFailed, "inspect", "@/nothing")]
    [InlineData(ExitCode.SomeFailed, "recalc", "@")]
    [InlineData(ExitCode.SomeFailed, "watch", "--once", "@")]
    [InlineData(ExitCode.SomeFailed, "watch", "--once", "@/nothing")]
    [InlineData(ExitCode.BadUsage, "run", "--config", "@")]
    [InlineData(ExitCode.BadUsage, "refresh", "--forse")]
    public async Task Run_NoMaildirOrNoNumber_IsNoSuccess(int expected, params string[] words)
    {
        var arguments = words.Select(word => word.Replace("@", _directory.FullName, StringComparison.Ordinal)).ToArray();

        Assert.Equal(expected, await CommandLine.RunAsync(arguments, new Verbs(), CancellationToken.None));
    }

    [Fact]
    public void Problem_OfEachKind_IsNamed()
    {
        var file = Path.Combine(_directory.FullName, "file");
        File.WriteAllText(file, "");

        Assert.Contains("no such directory", MaildirCheck.Problem(file + "x"), StringComparison.Ordinal);
        Assert.Contains("is not a directory", MaildirCheck.Problem(file), StringComparison.Ordinal);
        Assert.Contains("has no cur", MaildirCheck.Problem(_directory.FullName), StringComparison.Ordinal);
        Assert.Contains("not UTF-8", MaildirCheck.Problem(file + "\uFFFD"), StringComparison.Ordinal);
        Assert.Contains("not UTF-8", MaildirMaker.Make(file + "\uFFFD"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(file + "\uFFFD"));
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "cur"));
        Assert.Null(MaildirCheck.Problem(_directory.FullName));
    }

    [Fact]
    public void TryTake_HeldByAnother_SaysSo()
    {
        using (StateLock.TryTake(_directory.FullName, out var problem))
        {
            Assert.Null(problem);
            Assert.Null(StateLock.TryTake(_directory.FullName, out problem));
            Assert.Contains("another maildir-quota-watcher", problem, StringComparison.Ordinal);
        }

        using var again = StateLock.TryTake(_directory.FullName, out _);
        Assert.NotNull(again);
    }
}
