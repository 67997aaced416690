using System.Diagnostics;
using MaildirQuotaWatcher.Daemon.Tests.Hostile;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Testing;
using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Daemon.Tests.Killing;

/// <summary>
/// The built binary, killed with -9 at any moment while mailboxes change: in the end every ledger is right, and every
/// threshold has been warned of once for each time that it was crossed.
/// </summary>
public sealed class KillLoopTests : IDisposable
{
    private const int Rounds = 18;
    private const int LeastKills = 30;
    private const int Limit = 10_000;

    private readonly ScratchDirectory _scratch = new();
    private readonly Random _random = new(20260917);
    private readonly Target[] _targets;
    private readonly List<string> _daemonLog = [];
    private BuiltDaemon? _daemon;
    private int _kills;
    private int _messages;

    public KillLoopTests()
    {
        _targets = [.. Enumerable.Range(0, 5).Select(number => new Target(Path.Combine(_scratch.FullName, $"user{number}")))];
        foreach (var target in _targets)
            LiveWatch.MakeMaildir(target.Path);
        File.WriteAllText(Script, $"#!/bin/sh\necho \"$(basename \"$(dirname \"$MQW_MAILBOX\")\") $1 $MQW_WARNING_ID\" >> '{Log}'\n");
        File.SetUnixFileMode(Script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private string Script => Path.Combine(_scratch.FullName, "script");

    private string Log => Path.Combine(_scratch.FullName, "log");

    private string State => Path.Combine(_scratch.FullName, "state");

    public void Dispose()
    {
        _daemon?.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Watch_KilledAtAnyMoment_EveryLedgerIsRightAndEveryCrossingWarnedOfOnce()
    {
        Start();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var target in _targets)
                Move(target, round);
            WaitUntilAllIsSaid(round);
        }

        Assert.True(_kills >= LeastKills, $"only {_kills} kills");
        Assert.InRange(_targets.Sum(target => Said(target).Count() - target.Expected.Count), 0, _kills);
        foreach (var target in _targets)
        {
            var truth = NaiveRecount.Count(target.Path, CountingPolicy.MaildirPlusPlus);
            Assert.Equal(truth, LiveWatch.LedgerUsage(target.Path));
        }
    }

    /// <summary>Fills or empties a mailbox to another level, killing the daemon now and then on the way.</summary>
    private void Move(Target target, int round)
    {
        // Each round crosses one level, upwards or downwards: who crosses two may be seen between them or not.
        int[] levels = target.Percent == 60 ? [20, 90] : [60];
        var percent = levels[_random.Next(levels.Length)];
        var up = percent > target.Percent;
        target.Percent = percent;
        if (up)
            target.Expected.Add(percent >= 80 ? 80 : 50);

        var cur = Path.Combine(target.Path, "cur");
        if (!up)
            foreach (var file in Directory.GetFiles(cur).OrderBy(_ => _random.Next()))
            {
                if (Held(cur) <= Limit * percent / 100)
                    break;
                File.Delete(file);
                MayKill(round);
            }

        while (Held(cur) < Limit * percent / 100)
        {
            var name = $"1.{++_messages}.host,S=1000";
            var temporary = Path.Combine(target.Path, "tmp", name);
            File.WriteAllText(temporary, new string('x', 1000));
            File.Move(temporary, Path.Combine(cur, name + ":2,"));
            MayKill(round);
        }
    }

    private void MayKill(int round)
    {
        // A share of the rounds is left in peace: there every crossing has to be seen as it comes.
        if (round % 5 == 4 || _random.Next(4) != 0)
            return;
        // At any moment: while it starts, counts, writes, stores or runs scripts.
        Thread.Sleep(_random.Next(400));
        _daemon!.Kill();
        _kills++;
        _daemonLog.AddRange(_daemon.Lines);
        _daemon.Dispose();
        Start();
    }

    private void WaitUntilAllIsSaid(int round) => LiveWatch.WaitFor(
        () => _targets.All(target => LiveWatch.LedgerUsage(target.Path)?.Bytes == Held(Path.Combine(target.Path, "cur")))
            && _targets.All(IsSaid)
            && Remembered().SetEquals(_targets.SelectMany(target => target.Levels)),
        () => $"round {round}, {_kills} kills\n" + string.Join('\n', _targets.Select(target =>
            $"{target.User} at {target.Percent} %: ledger [{LiveWatch.LedgerText(target.Path)}], said "
            + $"{string.Join(' ', Said(target).Select(said => said.Level))}, expected {string.Join(' ', target.Expected)}"))
            + $"\nremembered {string.Join(", ", Remembered())}\n{string.Join('\n', _daemonLog.Concat(_daemon!.Lines).TakeLast(60))}");

    /// <summary>
    /// Everything once and in order. Only who was killed between the start of a script and the note of it, a moment
    /// after, may run it once more, with the same id; nobody could do without losing it instead.
    /// </summary>
    private bool IsSaid(Target target) =>
        Said(target).DistinctBy(said => said.Id).Select(said => said.Level).SequenceEqual(target.Expected);

    private IEnumerable<(int Level, long Id)> Said(Target target) =>
        from line in File.Exists(Log) ? File.ReadAllLines(Log) : []
        let words = line.Split(' ')
        where words.Length == 3 && words[0] == target.User
        select (int.Parse(words[1]), long.Parse(words[2]));

    /// <summary>What the store holds: a level that was left has to be forgotten before it is crossed again.</summary>
    private HashSet<string> Remembered()
    {
        try
        {
            using var connection = new SqliteConnection($"Data Source={State}/state.db;Mode=ReadOnly;Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                SELECT CAST(mailbox AS TEXT), CAST(state AS TEXT) FROM subject
                UNION ALL SELECT CAST(mailbox AS TEXT), 'due@0' FROM due_warning
                """;
            using var reader = command.ExecuteReader();
            var rows = new HashSet<string>();
            while (reader.Read())
            {
                foreach (var word in reader.GetString(1).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    if (!word.StartsWith('@'))
                        rows.Add($"{reader.GetString(0)} {word[..word.IndexOf('@')]}");
            }

            return rows;
        }
        catch (SqliteException)
        {
            return ["unreadable"];
        }
    }

    private static long Held(string cur) => Directory.GetFiles(cur).Length * 1000L;

    private void Start() => _daemon = new BuiltDaemon("exec",
    [
        "watch", .. _targets.Select(target => target.Path), "--limit", $"{Limit}", "--warn", "50,80", "--exec", Script,
        "--state", State, "--settle", "50ms",
    ]);

    private sealed class Target(string place)
    {
        public string Path { get; } = System.IO.Path.Combine(place, "Maildir");

        /// <summary>How the script names it: all mailboxes belong to the same account.</summary>
        public string User { get; } = System.IO.Path.GetFileName(place);

        public int Percent { get; set; }

        public List<int> Expected { get; } = [];

        public IEnumerable<string> Levels =>
            from level in new[] { 50, 80 }
            where Percent >= level
            select $"{Path} storage={level}%";
    }
}
