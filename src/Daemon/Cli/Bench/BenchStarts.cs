using System.Globalization;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>How long the engine takes to start on the store, cold and warm, and what it holds in memory then.</summary>
internal sealed class BenchStarts(BenchStore store, BenchOptions options, List<BenchRow> rows, CancellationToken stop)
{
    /// <summary>In one mailbox, with and without sizes in their names.</summary>
    private const int MessagesAside = 20_000;

    private static readonly TimeSpan Settle = new AccountantOptions().Settle;

    /// <param name="judge">Told of each engine before it ends.</param>
    public async Task RunAsync(Action<BenchEngine> judge)
    {
        long rss, heap;
        using (await BenchEngine.StartAsync(store, Settle, stop, instead: []).ConfigureAwait(false))
            (rss, heap) = Memory();
        string[] names = ["first start, no ledgers", "restart, nothing remembered", "restart, page cache cold"];
        foreach (var name in names)
        {
            if (name.Contains("cold", StringComparison.Ordinal) && Forget() is { } obstacle)
            {
                rows.Add(new BenchRow(name) { Remark = $"not measured: {obstacle}" });
                continue;
            }

            using var engine = await BenchEngine.StartAsync(store, Settle, stop).ConfigureAwait(false);
            var messages = (long)options.Mailboxes * options.Messages;
            rows.Add(new BenchRow(name)
            {
                Operations = messages,
                OperationsPerSecond = messages / engine.StartTook.TotalSeconds,
                RightAfter = engine.StartTook.TotalMilliseconds,
                Remark = $"messages counted; {Number(engine.Watch.Watches)} watches; "
                    + $"{Settle.TotalMilliseconds:N0} ms settle included",
            });
            var (rssNow, heapNow) = Memory();
            if (rows.Count == 1)
                rows.Add(new BenchRow("memory of a mailbox")
                {
                    Remark = $"{Number((heapNow - heap) / options.Mailboxes)} bytes of managed heap; in all RSS "
                        + $"{rssNow >> 20} MB, without mailboxes {rss >> 20} MB",
                });
            judge(engine);
        }

        foreach (var sized in (bool[])[true, false])
        {
            var few = await HeapWithAsync(1, sized).ConfigureAwait(false);
            var many = await HeapWithAsync(1 + MessagesAside, sized).ConfigureAwait(false);
            var each = ((many - few) / (double)MessagesAside).ToString("N1", CultureInfo.InvariantCulture);
            rows.Add(new BenchRow("memory of a message, " + (sized ? ",S= in its name" : "no ,S="))
            {
                Operations = MessagesAside,
                Remark = $"{each} bytes of managed heap, in one mailbox",
            });
        }
    }

    private async Task<long> HeapWithAsync(int messages, bool sized)
    {
        var aside = store.FillAside(messages, sized, stop);
        using var engine = await BenchEngine.StartAsync(store, Settle, stop, instead: [aside]).ConfigureAwait(false);
        return Memory().Heap;
    }

    /// <returns>Why the machine's caches were not dropped; null when they were.</returns>
    private string? Forget()
    {
        if (!options.Cold)
            return "--cold drops the caches of the whole machine";
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"dropping the caches was refused: {refused.Message}";
        }
    }

    private static (long Rss, long Heap) Memory()
    {
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        return (Environment.WorkingSet, heap);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
