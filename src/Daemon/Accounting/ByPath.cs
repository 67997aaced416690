using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// Things by path, sorted, so that what lies at or below a path is found without a look at all the others. Not safe
/// from several threads.
/// </summary>
internal sealed class ByPath<T>
{
    private readonly SortedSet<Entry> _entries = new(ByBytes.Instance);

    public int Count => _entries.Count;

    public IEnumerable<T> Values => _entries.Select(static entry => entry.Value);

    /// <exception cref="ArgumentException">The path is there already.</exception>
    public void Add(BytePath path, T value)
    {
        if (!_entries.Add(new Entry(path, value)))
            throw new ArgumentException($"{path.Display} is there already.", nameof(path));
    }

    public bool TryGet(BytePath path, out T value)
    {
        var found = _entries.TryGetValue(new Entry(path, default!), out var entry);
        value = entry.Value;
        return found;
    }

    public void Remove(BytePath path) => _entries.Remove(new Entry(path, default!));

    /// <summary>What is at a path, and what lies below it; in no time that grows with what does not.</summary>
    public IEnumerable<T> AtOrBelow(BytePath path)
    {
        if (TryGet(path, out var there))
            yield return there;
        // What lies below begins with the path and a slash: from "/a/" to "/a0", which is next after any "/a/...".
        var first = path.Combine([]);
        byte[] end = [.. first.Bytes[..^1], (byte)('/' + 1)];
        var view = _entries.GetViewBetween(new(first, default!), new(BytePath.FromBytes(end), default!));
        foreach (var entry in view)
            if (path.LeadsTo(entry.Path) && !path.Equals(entry.Path))
                yield return entry.Value;
    }

    private readonly record struct Entry(BytePath Path, T Value);

    private sealed class ByBytes : IComparer<Entry>
    {
        public static readonly ByBytes Instance = new();

        public int Compare(Entry one, Entry other) => one.Path.Bytes.SequenceCompareTo(other.Path.Bytes);
    }
}
