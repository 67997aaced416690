using System.Collections.Concurrent;
using System.Diagnostics;
using MaildirQuotaWatcher.Peers.Mailboxes;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>Every writer in a thread of its own, each on a random mailbox at a time, for as long as asked.</summary>
internal sealed class Crowd(Writers writers, MailboxFixture[] mailboxes, int seed)
{
    private static readonly HashSet<string> Deliveries =
        ["maildrop", "deliverquota", "deliverquota-pipe", "exim", "dovecot-lda", "dovecot-append"];

    /// <summary>A session of Courier's imapd takes seconds: it must not be the only one left at the end.</summary>
    private static readonly TimeSpan SlowSession = TimeSpan.FromSeconds(6);

    private readonly ConcurrentDictionary<string, int> changes = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Exception>> failures = new();

    /// <summary>Returns when the last writer has ended its last change.</summary>
    public void Work(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var threads = writers.All.Select((writer, number) =>
            new Thread(() => Repeat(writer.Key, writer.Value, number))).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();

        void Repeat(string name, Action<MailboxFixture, Random> change, int number)
        {
            var random = new Random(seed + number);
            var end = name == "courier-imap" ? time - SlowSession : time;
            while (clock.Elapsed < end)
            {
                try
                {
                    change(mailboxes[random.Next(mailboxes.Length)], random);
                }
                catch (Exception failure)
                {
                    failures.GetOrAdd(name, _ => []).Enqueue(failure);
                }

                changes.AddOrUpdate(name, 1, (_, count) => count + 1);
            }
        }
    }

    /// <summary>
    /// Who takes or moves a message may find it gone, since others do the same. A delivery has no such excuse.
    /// </summary>
    public void AssertDeliveriesSucceeded()
    {
        var lost = failures.Where(failure => Deliveries.Contains(failure.Key))
            .SelectMany(failure => failure.Value).ToList();
        Assert.True(lost.Count == 0, $"{lost.Count} deliveries failed, the first: {lost.FirstOrDefault()}");
    }

    /// <summary>The seed, and each writer's changes and in brackets failures.</summary>
    public override string ToString() =>
        $"seed {seed}: " + string.Join(
            ", ",
            changes.Keys.Order(StringComparer.Ordinal).Select(name => $"{name} {changes[name]}{Failed(name)}"));

    private string Failed(string name) => failures.TryGetValue(name, out var failed) ? $" ({failed.Count})" : "";
}
