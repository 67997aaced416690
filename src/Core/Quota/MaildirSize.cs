namespace MaildirQuotaWatcher.Quota;

/// <summary>
/// The ledger as parsed: what one reading of <c>maildirsize</c> says. Made by <see cref="MaildirSizeFormat.Parse"/>,
/// immutable, no file behind it.
/// </summary>
public sealed record MaildirSize
{
    /// <summary>First line without its LF, byte for byte; empty when the file is empty.</summary>
    public required byte[] Header { get; init; }

    /// <summary>
    /// The limit the header gives, or null when the programs would not agree on one (vectors V13, V14, V19, V20, V21).
    /// Known does not mean well-formed: <c>NOQUOTA</c> and an empty line are known as unlimited but are rewritten.
    /// </summary>
    public required QuotaLimit? Limit { get; init; }

    /// <summary>Sum of the data lines; null when the lines are malformed or were not all read.</summary>
    public required Usage? Usage { get; init; }

    /// <summary>Number of data lines (everything after the header).</summary>
    public required int Lines { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Why the contents alone ask for a recalculation; null when the ledger is sound.</summary>
    public RecalcReason? Recalculate { get; init; }

    /// <summary>What is wrong, for people, with the line number: "line 3: no message count". Null when sound.</summary>
    public string? Problem { get; init; }
}
