using System.Text;

namespace MaildirQuotaWatcher.Linux;

/// <summary>A path as Linux has it: bytes in no particular encoding, ended by NUL. Immutable, equal by bytes.</summary>
internal sealed class BytePath : IEquatable<BytePath>
{
    private readonly byte[] _terminated;
    private readonly int _hash;

    private BytePath(byte[] terminated)
    {
        if (terminated.AsSpan(0, terminated.Length - 1).Contains((byte)0))
            throw new ArgumentException("A path cannot hold a NUL.", nameof(terminated));
        _terminated = terminated;
        var hash = new HashCode();
        hash.AddBytes(terminated);
        _hash = hash.ToHashCode();
    }

    /// <summary>The path without its NUL.</summary>
    public ReadOnlySpan<byte> Bytes => _terminated.AsSpan(0, _terminated.Length - 1);

    /// <summary>What follows the last slash; empty for "/".</summary>
    public ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <summary>The path for a log line or a terminal, see <see cref="ByteText.Display"/>.</summary>
    public string Display => ByteText.Display(Bytes);

    /// <summary>The path in UTF-8.</summary>
    /// <exception cref="ArgumentException">It holds a NUL.</exception>
    public static BytePath FromString(string path)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return new BytePath(bytes);
    }

    /// <summary>A copy of the bytes, given without NUL.</summary>
    /// <exception cref="ArgumentException">They hold a NUL.</exception>
    public static BytePath FromBytes(ReadOnlySpan<byte> path)
    {
        var bytes = new byte[path.Length + 1];
        path.CopyTo(bytes);
        return new BytePath(bytes);
    }

    /// <summary>This path, a slash where one is missing, and <paramref name="name"/>.</summary>
    public BytePath Combine(ReadOnlySpan<byte> name)
    {
        var head = Bytes;
        var slash = head.IsEmpty || head[^1] == '/' ? 0 : 1;
        var bytes = new byte[head.Length + slash + name.Length + 1];
        head.CopyTo(bytes);
        if (slash == 1)
            bytes[head.Length] = (byte)'/';
        name.CopyTo(bytes.AsSpan(head.Length + slash));
        return new BytePath(bytes);
    }

    /// <summary>Whether the other path is this one or lies below it.</summary>
    public bool LeadsTo(BytePath other) =>
        other.Bytes.StartsWith(Bytes)
        && (other.Bytes.Length == Bytes.Length || Bytes.Length == 1 || other.Bytes[Bytes.Length] == (byte)'/');

    /// <summary>The name in this directory that leads on to a path below it.</summary>
    public ReadOnlySpan<byte> NameTowards(BytePath below)
    {
        var rest = below.Bytes[(Bytes.Length == 1 ? 1 : Bytes.Length + 1)..];
        var end = rest.IndexOf((byte)'/');
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>What leads from this directory to a path at or below it, without a slash in front.</summary>
    public ReadOnlySpan<byte> RestTowards(BytePath below) =>
        below.Bytes[Math.Min(Bytes.Length == 1 ? 1 : Bytes.Length + 1, below.Bytes.Length)..];

    /// <summary>For <c>fixed</c>: the first byte of the path, which ends in NUL.</summary>
    public ref readonly byte GetPinnableReference() => ref _terminated[0];

    public bool Equals(BytePath? other) =>
        other is not null && _hash == other._hash && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as BytePath);

    public override int GetHashCode() => _hash;

    public override string ToString() => Display;
}
