using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// One <c>quota_rule</c> as Dovecot 2.3 writes it: <c>*:storage=1G:messages=1000</c>, <c>Trash:storage=+10%</c>,
/// <c>Junk:ignore</c>. What it does not name is null. Immutable; equal when it says the same.
/// </summary>
/// <param name="Mask"><c>*</c> the default limit, <c>?</c> the same where the header has none; anything else the
/// folders it matches: virtual names (<c>Archive/2020</c>), <c>*</c> any run, <c>/</c> too, <c>?</c> one
/// character.</param>
/// <param name="Ignore">A folder that is neither counted nor limited; <c>*:ignore</c> is unlimited.</param>
/// <param name="Bytes">Default limit in bytes, or what is added to it for the folders; null when not named.</param>
/// <param name="Messages">The same in messages.</param>
public sealed record QuotaRule(string Mask, bool Ignore, RuleAmount? Bytes, RuleAmount? Messages)
{
    /// <summary>What was read in a way that may surprise, with its column; no part of equality.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>True for <c>*</c> and <c>?</c>.</summary>
    public bool IsDefault => Mask is "*" or "?";

    /// <summary>True for <c>*</c>: its limit counts whatever the header says.</summary>
    public bool IsForced => Mask == "*";

    /// <summary>
    /// Parses a rule. A bare number is KiB after <c>storage=</c>, bytes after <c>bytes=</c>; units b, k, m, g, t are
    /// powers of 1024, in any case; Dovecot 2.4's <c>1 GB</c>, <c>1GiB</c>, <c>unlimited</c> are read too;
    /// <c>%%</c> is <c>%</c>. What does not fit into 64 bits is the largest number.
    /// </summary>
    /// <param name="error">What is wrong in Dovecot's words, where (column, from 1), and how to write it.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out QuotaRule? rule, [NotNullWhen(false)] out string? error) =>
        RuleParser.TryParse(text, out rule, out error);

    /// <summary>Whether a folder rule is about this folder.</summary>
    /// <param name="folder">Virtual name, see <see cref="FolderText.Virtual"/>.</param>
    public bool Matches(string folder) => Wildcard.Matches(folder, Mask);

    public bool Equals(QuotaRule? other) =>
        other is not null && Mask == other.Mask && Ignore == other.Ignore
        && Bytes == other.Bytes && Messages == other.Messages;

    public override int GetHashCode() => HashCode.Combine(Mask, Ignore, Bytes, Messages);

    /// <summary>The rule in one way of writing; <see cref="TryParse"/> reads the same from it.</summary>
    public override string ToString()
    {
        if (Ignore)
            return $"{Mask}:ignore";
        var text = new StringBuilder(Mask);
        Write(text, "bytes", Bytes);
        Write(text, "messages", Messages);
        return text.ToString();
    }

    private void Write(StringBuilder text, string key, RuleAmount? amount)
    {
        if (amount is { } given)
            text.Append(':').Append(key).Append('=').Append(IsDefault || given.Number < 0 ? "" : "+").Append(given);
    }
}
