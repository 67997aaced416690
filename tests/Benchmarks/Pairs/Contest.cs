using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>One row of the table: a number of a contest. Immutable.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Unit">Of both numbers.</param>
/// <param name="Goal">What ours must reach.</param>
internal sealed record Row(string Work, string Unit, Goal Goal)
{
    /// <summary>Median; null where that side does not exist.</summary>
    public double? Theirs { get; init; }

    /// <inheritdoc cref="Theirs"/>
    public double? Ours { get; init; }
}

/// <summary>One piece of work, by somebody else (C is the machine's limit) and by the product's code, in turn.</summary>
/// <param name="against">Who they are.</param>
/// <param name="theirs">One run of theirs; null: ours alone.</param>
/// <param name="ours">One run of ours; null: it does not exist yet.</param>
/// <param name="rows">What the numbers of a run are.</param>
internal sealed class Contest(string against, Func<Reading>? theirs, Func<Reading>? ours, params Row[] rows)
{
    private readonly List<double[]> _ofTheirs = [];
    private readonly List<double[]> _ofOurs = [];

    public string Against => against;

    /// <summary>Rounds before those that count: caches, and the compiler's later tiers.</summary>
    public int WarmUp { get; init; } = 4;

    public int Rounds { get; init; } = 9;

    /// <summary>Done before each run, untimed.</summary>
    public Action Before { get; init; } = static () => { };

    /// <summary>Work of one run.</summary>
    public long Units { get; private set; }

    public bool Is(string? word) =>
        word is null || rows.Any(row => row.Work.Contains(word, StringComparison.OrdinalIgnoreCase))
        || against.Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">The two did not do the same work.</exception>
    public void Measure()
    {
        for (var round = -WarmUp; round < Rounds; round++)
        {
            var theirsFirst = Random.Shared.Next(2) == 0;
            var (first, second) = theirsFirst ? (theirs, ours) : (ours, theirs);
            var (a, b) = (Run(first), Run(second));
            if (a is { Units: > 0 } one && b is { Units: > 0 } other && one.Units != other.Units)
                throw new InvalidOperationException($"{rows[0].Work}: {one.Units} units against {other.Units}");
            Units = Math.Max(a?.Units ?? 0, b?.Units ?? 0);
            if (round < 0)
                continue;
            if ((theirsFirst ? a : b) is { } ofTheirs)
                _ofTheirs.Add(ofTheirs.Numbers);
            if ((theirsFirst ? b : a) is { } ofOurs)
                _ofOurs.Add(ofOurs.Numbers);
        }
    }

    /// <summary>The rows with their medians.</summary>
    public IEnumerable<Row> Rows() => rows.Select((row, place) => row with
    {
        Theirs = Median(_ofTheirs, place),
        Ours = Median(_ofOurs, place),
    });

    private Reading? Run(Func<Reading>? side)
    {
        if (side is null)
            return null;
        Before();
        return side();
    }

    private static double? Median(List<double[]> runs, int place) =>
        runs.Count == 0 ? null : runs.Select(run => run[place]).Order().ElementAt(runs.Count / 2);
}
