using System.Globalization;
using System.Text;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// What one mailbox remembers between evaluations: its thresholds that are not as they were in the beginning, and when
/// it was last warned. Immutable; the empty state is also that of a mailbox never seen.
/// </summary>
/// <remarks>
/// Stored as text: <c>storage=80%@1761990000w messages=50%@1761990000 -storage=90%@1761990000wl @1761990000</c>, where
/// <c>w</c> is warned, <c>l</c> left, and the last word the last warning. Version 1 wrote the keys alone.
/// </remarks>
public sealed class WarningState : IEquatable<WarningState>
{
    private readonly PartMemory[] _parts;

    private WarningState(PartMemory[] parts, long lastWarned) => (_parts, LastWarned) = (parts, lastWarned);

    public static WarningState Empty { get; } = new([], 0);

    public bool IsEmpty => _parts.Length == 0;

    /// <summary>In the order of their keys.</summary>
    public IReadOnlyList<PartMemory> Parts => _parts;

    /// <summary>When an over-warning was last due, in Unix seconds; 0 when none is fired, or not known.</summary>
    public long LastWarned { get; }

    /// <summary>Keeps the given memories, in a fixed order, the first of each key.</summary>
    public static WarningState Of(IEnumerable<PartMemory> parts, long lastWarned = 0)
    {
        var sorted = new SortedDictionary<string, PartMemory>(StringComparer.Ordinal);
        foreach (var part in parts) sorted.TryAdd(part.Key, part);
        return sorted.Count == 0 ? Empty : new([.. sorted.Values], lastWarned);
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; words that are not understood are left out.</summary>
    public static WarningState FromBytes(ReadOnlySpan<byte> bytes)
    {
        var (parts, lastWarned) = (new List<PartMemory>(), 0L);
        foreach (var word in Encoding.UTF8.GetString(bytes).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = word.LastIndexOf('@');
            var (key, rest) = at < 0 ? (word, "0") : (word[..at], word[(at + 1)..]);
            if (!long.TryParse(rest.TrimEnd('w', 'l'), NumberStyles.None, CultureInfo.InvariantCulture, out var time))
                continue;
            if (key.Length == 0) lastWarned = time;
            else
                // the same few in every mailbox
                parts.Add(new PartMemory(string.Intern(key), rest.EndsWith('l') ? PartPhase.Left : PartPhase.Above,
                    time, rest.Contains('w', StringComparison.Ordinal)));
        }
        return Of(parts, lastWarned);
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public PartMemory? Find(string key)
    {
        foreach (var part in _parts)
            if (part.Key == key)
                return part;
        return null;
    }

    /// <summary>True when usage stands at or above that threshold, as far as is remembered.</summary>
    public bool IsAbove(string key) => Find(key)?.Phase == PartPhase.Above;

    public bool Equals(WarningState? other) =>
        other is not null && LastWarned == other.LastWarned && _parts.AsSpan().SequenceEqual(other._parts);

    public override bool Equals(object? obj) => Equals(obj as WarningState);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var part in _parts) hash.Add(part);
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(' ', _parts
        .Select(p => $"{p.Key}@{p.At}{(p.Warned ? "w" : "")}{(p.Phase == PartPhase.Left ? "l" : "")}")
        .Concat(LastWarned > 0 ? [$"@{LastWarned}"] : []));
}
