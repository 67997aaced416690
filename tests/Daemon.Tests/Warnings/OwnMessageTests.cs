using MaildirQuotaWatcher.Daemon.Tests.Hostile;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

/// <summary>A warning's own message never is the reason for a warning, and hides nothing else.</summary>
public sealed class OwnMessageTests : IDisposable
{
    private static readonly WarningSubject Subject = new("/m/rj", "rj", "/m/rj");
    private static readonly QuotaLimit Limit = new(100_000, 10);
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Accept_AnyWalk_WarnsAsANaiveModelDoes()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var state = Path.Combine(_dir.Path, $"{seed}");
            var model = new Model();
            var (mail, own, logged) = (new List<long>(), new List<long>(), _dir.Lines.Length);
            var service = Open(state);
            for (var step = 0; step < 60; step++)
            {
                // Several things may happen between two accepted usages.
                do Change(random, mail, own);
                while (random.Next(4) == 0);
                if (random.Next(25) == 0)
                {
                    await service.DisposeAsync();
                    service = Open(state);
                }
                var (all, ours) = (Sum([.. mail, .. own]), Sum(own));
                service.Accept(Subject, all, Limit, own: () => ours);
                model.Accept(all, ours, $"seed {seed}, step {step}");
            }
            await service.DrainAsync(CancellationToken.None);
            await service.DisposeAsync();
            var said = _dir.Lines[logged..].Where(line => line.Contains("\"rj\": ", StringComparison.Ordinal))
                .Select(line => line.Split(" (", 2)[0]["Information: ".Length..]);
            Assert.Equal(model.Said, said);
        }
    }

    [Fact]
    public async Task Accept_NothingReached_NeverAsks_AndAtMostOnceWhenSomethingIs()
    {
        await using var service = Open(_dir.State);
        var asked = 0;
        foreach (var bytes in new[] { 10, 69_999, 70_000, 80_000, 84_999, 70_000 })
            service.Accept(Subject, new Usage(bytes, 1), Limit, own: () => Usage.Zero with { Bytes = 0 * ++asked });
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Watch_OwnMessageIsToldByItsName_WhileItIsInInbox_AlsoAfterARestart()
    {
        var mailbox = Path.Combine(_dir.Path, "M");
        LiveWatch.MakeMaildir(mailbox);
        Directory.CreateDirectory(Path.Combine(mailbox, ".A", "cur"));
        string[] words = ["watch", mailbox, "--limit", "10000B", "--warn", "80,95", "--state", _dir.State];
        Deliver("new/1,S=8000");
        using (var daemon = new BuiltDaemon("exec", words))
        {
            daemon.WaitForLine("reached 80 %");
            Deliver("new/quota-warning.17,S=1600");
            daemon.WaitForLine("(+1600 B, +1)");
            // Its flags are not its name.
            Move("new/quota-warning.17,S=1600", "cur/quota-warning.17,S=1600:2,S");
            Deliver("new/2,S=100");
            daemon.WaitForLine("(+100 B, +1)");
            Assert.DoesNotContain(daemon.Lines, line => line.Contains("reached 95 %", StringComparison.Ordinal));
        }
        using (var daemon = new BuiltDaemon("exec", words))
        {
            daemon.WaitForLine("maildirsize is right");
            Deliver("new/3,S=10");
            daemon.WaitForLine("(+10 B, +1)");
            Assert.DoesNotContain(daemon.Lines, line => line.Contains("reached", StringComparison.Ordinal));
            // In another folder it is the user's own affair.
            Move("cur/quota-warning.17,S=1600:2,S", ".A/cur/quota-warning.17,S=1600:2,S");
            Deliver("new/4,S=10");
            daemon.WaitForLine("reached 95 %");
        }

        void Deliver(string name) => File.WriteAllText(Path.Combine(mailbox, name), "");
        void Move(string from, string to) => File.Move(Path.Combine(mailbox, from), Path.Combine(mailbox, to));
    }

    private static void Change(Random random, List<long> mail, List<long> own)
    {
        switch (random.Next(5))
        {
            case 0 or 1 when mail.Count < 12:
                mail.Add(random.Next(1, 20_000));
                break;
            case 2 when mail.Count > 0:
                mail.RemoveAt(random.Next(mail.Count));
                break;
            case 3 when own.Count < 3:
                own.Add(random.Next(500, 6_000));
                break;
            case 4 when own.Count > 0:
                own.RemoveAt(random.Next(own.Count));
                break;
        }
    }

    private static Usage Sum(List<long> sizes) => new(sizes.Sum(), sizes.Count);

    private WarningService Open(string state) => new(
        new WarningRules([.. Model.Rules]), new(), WarningStore.Open(state, _dir.Log), _dir.Log);

    /// <summary>
    /// The rule told in the most naive way: a line is crossed upwards when what is not ours has come to it, downwards
    /// when all there is has fallen below it, and nothing is told twice without the other between.
    /// </summary>
    private sealed class Model
    {
        public static readonly WarningRule[] Rules =
        [
            .. new[] { 70, 85, 95 }.Select(percent => WarningRule.OfPercent(QuotaResource.Storage, percent, false, [])),
            WarningRule.OfPercent(QuotaResource.Messages, 90, false, []),
            WarningRule.OfPercent(QuotaResource.Storage, 70, true, []), WarningRule.OfPercent(QuotaResource.Messages, 50, true, []),
        ];

        private readonly bool[] _isAbove = new bool[Rules.Length];

        public List<string> Said { get; } = [];

        public void Accept(Usage all, Usage ours, string where)
        {
            var (over, below) = (new List<WarningPart>(), new List<WarningPart>());
            for (var i = 0; i < Rules.Length; i++)
            {
                var part = Rules[i].Parts[0];
                var line = part.Of(Limit) * part.Amount / 100;
                if (!_isAbove[i] && part.Of(all) - part.Of(ours) >= line)
                {
                    _isAbove[i] = true;
                    if (!Rules[i].Below) over.Add(part);
                }
                else if (_isAbove[i] && part.Of(all) < line)
                {
                    _isAbove[i] = false;
                    if (Rules[i].Below) below.Add(part);
                }
                // None is missing: mail alone that stands at a line has been told of.
                Assert.True(_isAbove[i] || part.Of(all) - part.Of(ours) < line, where);
            }
            if (over.MaxBy(part => part.Amount) is { } highest)
                Said.Add($"\"rj\": {WarningPart.WordOf(highest.Resource)} reached {highest.Amount} %");
            if (below.MinBy(part => part.Amount) is { } lowest)
                Said.Add($"\"rj\": {WarningPart.WordOf(lowest.Resource)} fell below {lowest.Amount} %");
        }
    }
}
