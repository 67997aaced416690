using System.Globalization;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>A warning that is due for one mailbox: decided, and not yet known to have started. Immutable.</summary>
/// <param name="Mailbox">Path of the mailbox.</param>
/// <param name="User">Name handed to the script.</param>
/// <param name="Warning">The crossing.</param>
internal sealed record PendingWarning(string Mailbox, string User, Warning Warning)
{
    /// <summary>One line: key, usage, limit, user; tab-separated, the user escaped.</summary>
    public string ToLine() => string.Create(CultureInfo.InvariantCulture,
        $"{Warning.Threshold.Key}\t{Warning.Usage.Bytes}\t{Warning.Usage.Messages}\t{Warning.Limit.Bytes}"
        + $"\t{Warning.Limit.Messages}\t{Uri.EscapeDataString(User)}");

    /// <summary>
    /// Reads <see cref="ToLine"/>; null when the line is foreign or its threshold is no longer configured.
    /// </summary>
    public static PendingWarning? FromLine(string mailbox, string line, IReadOnlyList<Threshold> thresholds)
    {
        var fields = line.Split('\t');
        if (fields.Length != 6) return null;
        var threshold = thresholds.FirstOrDefault(t => t.Key == fields[0]);
        if (threshold is null) return null;
        var numbers = new long[4];
        for (var i = 0; i < numbers.Length; i++)
            if (!long.TryParse(fields[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out numbers[i]))
                return null;
        var warning = new Warning(threshold, new Usage(numbers[0], numbers[1]), new QuotaLimit(numbers[2], numbers[3]));
        return new PendingWarning(mailbox, Uri.UnescapeDataString(fields[5]), warning);
    }
}
