using MaildirQuotaWatcher.Daemon.Tests.Hostile;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Warnings;
using Serilog.Core;

namespace MaildirQuotaWatcher.Daemon.Tests.Killing;

/// <summary>
/// Many mailboxes over the threshold at once, and kill -9 in the middle of their warnings: each is warned at least
/// once, and again only those whose script was just being started, with the same id.
/// </summary>
public sealed class CrowdKillTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int Count = int.Parse(Environment.GetEnvironmentVariable("MQW_CROWD") ?? "2000");
    private const int Kills = 6;
    private readonly ScratchDirectory _scratch = new();

    private string Script => Path.Combine(_scratch.FullName, "script");

    private string Log => Path.Combine(_scratch.FullName, "log");

    private string State => Path.Combine(_scratch.FullName, "state");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Watch_KilledAmongManyWarnings_EachIsWarned_AndRepeatedOnesHaveTheSameId()
    {
        var mailboxes = Enumerable.Range(0, Count).Select(i => Path.Combine(_scratch.FullName, "m", $"{i}")).ToArray();
        foreach (var mailbox in mailboxes)
        {
            LiveWatch.MakeMaildir(mailbox);
            File.WriteAllText(Path.Combine(mailbox, "cur", "1.a.h,S=900:2,"), new string('x', 900));
        }
        File.WriteAllText(Script, $"#!/bin/sh\necho $MQW_MAILBOX $MQW_WARNING_ID >> '{Log}'\n");
        File.SetUnixFileMode(Script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.WriteAllText(Log, "");

        for (var kill = 1; kill <= Kills; kill++)
        {
            using var daemon = Start(mailboxes);
            var enough = kill * Count / (Kills + 2);
            Await(() => Said().Length >= enough, daemon);
            daemon.Kill();
        }
        using (var daemon = Start(mailboxes))
        {
            Await(() => Said().Select(words => words[0]).Distinct().Count() == Count && Due() == 0, daemon);
        }

        var said = Said();
        output.WriteLine($"{Count} mailboxes, {Kills} kills, {said.Length - Count} repeated");
        Assert.All(said.GroupBy(words => words[0]), same => Assert.Single(same.Select(words => words[1]).Distinct()));
        Assert.InRange(said.Length, Count, Count + (Kills * new WarningOptions().Concurrent));
        Assert.All(said.GroupBy(words => words[0]), same => Assert.InRange(same.Count(), 1, 1 + Kills));
    }

    /// <summary>However many there are, the next line has to come soon.</summary>
    private void Await(Func<bool> holds, BuiltDaemon daemon)
    {
        for (var said = 0; !holds(); said = Said().Length)
        {
            var before = said;
            LiveWatch.WaitFor(() => holds() || Said().Length > before,
                () => $"{before} said\n" + string.Join('\n', daemon.Lines.TakeLast(20)));
        }
    }

    private string[][] Said() => [.. File.ReadAllLines(Log).Select(line => line.Split(' ')).Where(words => words.Length == 2)];

    private int Due()
    {
        using var store = WarningStore.Open(State, Logger.None);
        return store.ReadDue(long.MaxValue, 1).Count;
    }

    private BuiltDaemon Start(string[] mailboxes) => new("exec",
        ["watch", .. mailboxes, "--limit", "1000", "--warn", "80", "--exec", Script, "--state", State, "--settle", "50ms"]);
}
