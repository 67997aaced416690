namespace MaildirQuotaWatcher.Limits;

/// <summary>One row of an answer: column names and their values as text, null for NULL.</summary>
internal sealed record SqlRow(IReadOnlyList<KeyValuePair<string, string?>> Columns)
{
    /// <summary>The first column of that name, whatever its case.</summary>
    public string? this[string name] =>
        Columns.FirstOrDefault(column => string.Equals(column.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}
