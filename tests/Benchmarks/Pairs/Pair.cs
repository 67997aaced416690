namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>What one run did. Immutable.</summary>
/// <param name="Microseconds">How long all of it took.</param>
/// <param name="Units">How many messages, watches, events or lines it was.</param>
internal readonly record struct Timing(double Microseconds, long Units);

/// <summary>One piece of work, by C and by the product's code.</summary>
internal sealed class Pair(string name, Func<Timing> c, Func<Timing> ours)
{
    public string Name { get; } = name;

    /// <summary>Median of microseconds per unit.</summary>
    public double C { get; private set; }

    /// <inheritdoc cref="C"/>
    public double Ours { get; private set; }

    public long Units { get; private set; }

    /// <exception cref="InvalidOperationException">The two did not do the same work.</exception>
    public void Measure(int warmUp, int rounds)
    {
        var (ofC, ofOurs) = (new List<double>(), new List<double>());
        for (var round = -warmUp; round < rounds; round++)
        {
            var first = Random.Shared.Next(2) == 0;
            var a = first ? c() : ours();
            var b = first ? ours() : c();
            if (a.Units != b.Units || a.Units == 0)
                throw new InvalidOperationException($"{Name}: {a.Units} units against {b.Units}");
            if (round < 0)
                continue;
            Units = a.Units;
            ofC.Add((first ? a : b).Microseconds / Units);
            ofOurs.Add((first ? b : a).Microseconds / Units);
        }

        C = Median(ofC);
        Ours = Median(ofOurs);
    }

    private static double Median(List<double> all) => all.Order().ElementAt(all.Count / 2);
}
