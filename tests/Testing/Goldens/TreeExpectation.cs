using System.Globalization;
using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>What one column counts in a tree.</summary>
/// <param name="Column">Column of <see cref="PolicyColumn"/>.</param>
/// <param name="Bytes">A number, or <c>size:PATH</c> for what stat says of a directory: file systems differ.</param>
/// <param name="Messages">Number of messages.</param>
public sealed record TreeExpectation(string Column, string Bytes, long Messages)
{
    private const string SizeOf = "size:";

    public CountingPolicy Policy => PolicyColumn.Policy(Column);

    /// <summary>The expected usage of the tree built at <paramref name="root"/>.</summary>
    public Usage Resolve(string root) => new(
        Bytes.StartsWith(SizeOf, StringComparison.Ordinal)
            ? Posix.SizeOf([.. Encoding.UTF8.GetBytes(root + "/"), .. GoldenEscapes.Decode(Bytes[SizeOf.Length..])])
            : long.Parse(Bytes, CultureInfo.InvariantCulture),
        Messages);

    internal static TreeExpectation Read(GoldenLine line) => line.Parts is [var bytes, var messages]
        ? new TreeExpectation(line.Word, bytes, long.Parse(messages, CultureInfo.InvariantCulture))
        : throw line.Error("expected bytes and messages");
}
