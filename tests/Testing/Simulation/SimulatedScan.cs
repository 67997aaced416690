namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>
/// Reads one directory in slices, as readdir(3) promises: a name that is there throughout comes exactly once; one that
/// comes or goes meanwhile may come or not, at random.
/// </summary>
internal sealed class SimulatedScan(SimulatedDirectory directory, Random random)
{
    private readonly List<SimulatedEntry> _pending = [.. directory.Entries.Values];
    private readonly HashSet<SimulatedEntry> _known = new(directory.Entries.Values, ReferenceEqualityComparer.Instance);

    public SimulatedDirectory Directory => directory;

    /// <summary>The next few names; null at the end.</summary>
    public List<SimulatedEntry>? Slice()
    {
        foreach (var entry in directory.Entries.Values)
            if (_known.Add(entry) && random.Next(2) == 0)
                _pending.Add(entry);
        if (_pending.Count == 0)
            return null;

        var names = new List<SimulatedEntry>();
        for (var left = random.Next(1, 5); left > 0 && _pending.Count > 0; left--)
        {
            var at = random.Next(_pending.Count);
            var entry = _pending[at];
            _pending.RemoveAt(at);
            var isThere = directory.Entries.TryGetValue(entry.Name, out var now) && ReferenceEquals(now, entry);
            if (isThere || random.Next(2) == 0)
                names.Add(entry);
        }

        return names;
    }
}
