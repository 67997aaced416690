using MaildirQuotaWatcher.Cli.Bench;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>
/// <c>giant</c>: deliveries into a mailbox with very many messages and into one with ten, by turns in random order, each
/// followed by the real daemon: what a delivery costs it, and when the ledger is right.
/// </summary>
internal static class GiantCommand
{
    private const int Rounds = 7;
    private const int Deliveries = 100;
    private const int Few = 10;

    /// <summary>Short, so that every delivery is one comparison of its own.</summary>
    private const int SettleMilliseconds = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    public static int Run(string directory, string? tsv, int messages)
    {
        var store = Directory.CreateDirectory(Path.Combine(directory, "giant")).FullName;
        Console.WriteLine(Tools.Machine);
        var made = Tools.MakeStore(store, 0, 1, 0, messages);
        Tools.MakeStore(store, 1, 2, 0, Few);
        Console.WriteLine(FormattableString.Invariant($"{messages} messages made in {made:F1} s"));
        var table = new TextTable("messages", "deliveries", "CPU us each", "p50 ms", "p99 ms", "max ms", "recounts",
            "messages at the end");
        using (var daemon = RunningDaemon.Start(directory, Path.Combine(store, "%u", "Maildir"),
            FormattableString.Invariant($"{SettleMilliseconds}ms")))
        {
            daemon.AwaitRest();
            var sides = new[] { new Side(store, 0, messages), new Side(store, 1, Few) };
            for (var round = -1; round < Rounds; round++)
            {
                var order = sides.ToArray();
                Random.Shared.Shuffle(order);
                foreach (var side in order)
                    side.Measure(daemon, warmUp: round < 0);
            }

            var rows = sides.Select(side => side.Row()).ToArray();
            foreach (var row in rows)
                table.Add(row);
            table.Add(["ratio", null, .. rows[0].Zip(rows[1]).Skip(2).Take(4).Select(pair => (object?)Ratio(pair)), null, null]);
            foreach (var side in sides)
                side.Dispose();
            daemon.Stop();
        }

        table.Print();
        Console.WriteLine(FormattableString.Invariant(
            $"CPU: of the whole daemon for each delivery, median of {Rounds} rounds of {Deliveries}, ")
            + "a delivery every 30 ms.\np50, p99, max: from before the rename to the right maildirsize, less "
            + $"{SettleMilliseconds} ms settle. recounts: ledgers replaced because they were long, a fresh scan each.");
        if (tsv is not null)
            table.AppendTo(tsv);
        return 0;
    }

    private static double Ratio((object? Large, object? Small) pair) => (double)pair.Large! / (double)pair.Small!;

    private sealed class Side : IDisposable
    {
        private readonly List<double> _cpu = [];
        private readonly List<double> _milliseconds = [];
        private readonly LedgerEye _eye = new();
        private readonly BenchMailbox _mailbox;
        private readonly int _messages;
        private int _replacedBefore;

        public Side(string store, int number, int messages)
        {
            (_mailbox, _messages) = (GrowthCommand.Adopted(store, number), messages);
            _eye.Watch(_mailbox);
        }

        public void Measure(RunningDaemon daemon, bool warmUp)
        {
            var before = daemon.Cpu();
            for (var i = 0; i < Deliveries; i++)
            {
                _eye.Deliver(_mailbox);
                Thread.Sleep(Pause);
            }

            _eye.AwaitAll(TimeSpan.FromMinutes(1));
            daemon.AwaitRest();
            var cpu = daemon.Cpu().Since(before).Microseconds;
            var milliseconds = _eye.TakeMilliseconds();
            if (warmUp)
            {
                _replacedBefore = _eye.Replaced;
                return;
            }

            _cpu.Add(cpu / Deliveries);
            _milliseconds.AddRange(milliseconds.Select(each => each - SettleMilliseconds));
        }

        public object?[] Row() =>
        [
            _messages, Rounds * Deliveries, Tools.Percentile(_cpu, 0.5), Tools.Percentile(_milliseconds, 0.5),
            Tools.Percentile(_milliseconds, 0.99), Tools.Percentile(_milliseconds, 1),
            _eye.Replaced - _replacedBefore, _mailbox.Usage.Messages,
        ];

        public void Dispose()
        {
            _eye.Dispose();
            _mailbox.Dispose();
        }
    }
}
