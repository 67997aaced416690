using System.Text;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// What one mailbox remembers between evaluations: the keys of the thresholds whose level usage stands at or above. For
/// an over-threshold that means <i>fired</i>, for a below-threshold <i>has been above</i>. Immutable; the empty state
/// is also that of a mailbox never seen.
/// </summary>
public sealed class WarningState : IEquatable<WarningState>
{
    private readonly string[] _keys;

    private WarningState(string[] keys) => _keys = keys;

    public static WarningState Empty { get; } = new([]);

    public bool IsEmpty => _keys.Length == 0;

    /// <summary>Keeps the given keys, in a fixed order, each once.</summary>
    public static WarningState Of(IEnumerable<string> keys)
    {
        var sorted = new SortedSet<string>(keys, StringComparer.Ordinal);
        return sorted.Count == 0 ? Empty : new([.. sorted]);
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote: UTF-8 keys, one blank between them.</summary>
    public static WarningState FromBytes(ReadOnlySpan<byte> bytes) =>
        Of(Encoding.UTF8.GetString(bytes).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public bool Contains(string key) => Array.IndexOf(_keys, key) >= 0;

    public bool Equals(WarningState? other) => other is not null && _keys.AsSpan().SequenceEqual(other._keys);

    public override bool Equals(object? obj) => Equals(obj as WarningState);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var key in _keys) hash.Add(key, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(' ', _keys);
}
