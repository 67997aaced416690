using System.Text;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Watching;

/// <summary>One directory on the way to mailboxes.</summary>
internal sealed record Place(Location Location, BytePath Path, IReadOnlyList<byte[]> Names)
{
    /// <summary>Set when this is above the location's base: the name that must appear.</summary>
    public byte[]? Awaited { get; init; }

    public bool IsMailbox => Awaited is null && Names.Count == Location.Names.Count;

    /// <summary>The one name that leads on; null when many may. A mailbox is one only with its cur.</summary>
    public byte[]? NextLiteral => Awaited ?? (IsMailbox ? "cur"u8.ToArray() : Location.Names[Names.Count].Literal);

    public IReadOnlyList<string> NameTexts => [.. Names.Select(Encoding.UTF8.GetString)];

    public bool MayLeadOn(ReadOnlySpan<byte> name) =>
        NextLiteral is { } literal ? name.SequenceEqual(literal) : Location.Names[Names.Count].Matches(name);

    public Place Below(byte[] name) => new(Location, Path.Combine(name), [.. Names, name]);

    /// <summary>Opens it without following links below the base.</summary>
    public int Open(out Errno errno)
    {
        var fd = Location.Open(Location.Base, out errno);
        if (fd < 0 || Names.Count == 0)
            return fd;
        var relative = BytePath.FromBytes(Names[0]);
        foreach (var name in Names.Skip(1))
            relative = relative.Combine(name);
        var below = Files.OpenBeneath(fd, relative.Bytes, followLinks: false, out errno);
        Files.Close(fd);
        return below;
    }
}
