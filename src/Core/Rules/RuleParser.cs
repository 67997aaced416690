using System.Diagnostics.CodeAnalysis;
using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Reads a <c>quota_rule</c> by Dovecot 2.3's grammar. Differences, on purpose: an empty mask and a blank before the
/// colon are errors, a product beyond 64 bits saturates, and 2.4's numbers are read too. Pure.
/// </summary>
internal static class RuleParser
{
    private const string Example = "write for example *:storage=1G or Trash:storage=+10%";
    private const string Backend = "backend=";
    private static readonly string[] Keys = ["storage", "bytes", "messages"];

    public static bool TryParse(
        string text, [NotNullWhen(true)] out QuotaRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        var start = text.Length - text.AsSpan().TrimStart().Length;
        var end = Math.Max(start, text.AsSpan().TrimEnd().Length);
        var colon = text.IndexOf(':', start);
        if (colon < 0 || colon >= end)
            return Fault.At(start, "Invalid rule: it has no ':' between mask and limits", Example, out error);
        if (colon == start)
            return Fault.At(start, "Invalid rule: the mask is empty", Example, out error);
        if (char.IsWhiteSpace(text[colon - 1]))
            return Fault.At(colon - 1, "Invalid rule: a blank before ':'", "remove it", out error);

        var notes = new List<string>();
        if (!MaskText.TryRead(text, start, colon, notes, out var mask, out error))
            return false;
        if (mask.Equals("INBOX", StringComparison.OrdinalIgnoreCase))
            mask = "INBOX";
        var empty = new QuotaRule(mask, false, null, null) { Notes = notes };
        var body = text.AsSpan(colon + 1, end - colon - 1);
        if (body.SequenceEqual("ignore"))
        {
            var none = empty.IsDefault ? new RuleAmount(0) : (RuleAmount?)null;
            rule = empty with { Ignore = true, Bytes = none, Messages = none };
            error = null;
            return true;
        }

        return body.StartsWith(Backend, StringComparison.Ordinal)
            ? TryReadBackend(text, colon + 1 + Backend.Length, end, empty, out rule, out error)
            : TryReadLimits(text, colon + 1, end, empty, notes, out rule, out error);
    }

    private static bool TryReadBackend(
        string text, int at, int end, QuotaRule empty,
        [NotNullWhen(true)] out QuotaRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        var specification = text[at..end];
        var flaw = LedgerHeader.Read(Encoding.UTF8.GetBytes(specification), out var limit);
        if (specification == "NOQUOTA")
            flaw = null;
        else if (!specification.All(c => char.IsAsciiDigit(c) || c is 'S' or 'C' or ','))
            flaw = "only numbers with S (bytes) or C (messages) have a meaning";
        if (flaw is not null || limit is not { } read)
        {
            return Fault.At(at, $"Invalid Maildir++ quota rule \"{specification}\": {flaw}",
                "write for example backend=100000S,1000C, or bytes=100000:messages=1000", out error);
        }

        rule = empty with { Bytes = new RuleAmount(read.Bytes), Messages = new RuleAmount(read.Messages) };
        error = null;
        return true;
    }

    private static bool TryReadLimits(
        string text, int at, int end, QuotaRule rule, List<string> notes,
        [NotNullWhen(true)] out QuotaRule? read, [NotNullWhen(false)] out string? error)
    {
        read = null;
        error = null;
        for (var next = at; next <= end; at = next)
        {
            var colon = text.IndexOf(':', at, end - at);
            var stop = colon < 0 ? end : colon;
            next = stop + 1;
            if (!TryReadLimit(text, at, stop, ref rule, notes, out error))
                return false;
        }

        read = rule;
        return true;
    }

    /// <summary>One <c>key=number</c>.</summary>
    private static bool TryReadLimit(
        string text, int at, int end, ref QuotaRule rule, List<string> notes, [NotNullWhen(false)] out string? error)
    {
        var equals = text.IndexOf('=', at, end - at);
        var key = text[at..(equals < 0 ? end : equals)];
        if (!Keys.Contains(key))
            return Fault.At(at, $"Unknown rule limit name: {key}", CureOfKey(key), out error);
        var value = equals < 0 ? end : equals + 1;
        if (!TryReadAmount(text, value, end, key, rule.IsDefault, notes, out var amount, out error))
            return false;

        if ((key == "messages" ? rule.Messages : rule.Bytes) is not null)
            notes.Add(Fault.Text(at, $"{key} gives again what was given", "the last one counts"));
        rule = key == "messages" ? rule with { Messages = amount } : rule with { Bytes = amount };
        return true;
    }

    private static bool TryReadAmount(
        string text, int at, int end, string key, bool isDefault, List<string> notes,
        out RuleAmount amount, [NotNullWhen(false)] out string? error)
    {
        amount = default;
        var sign = at < end ? text[at] : '\0';
        if (sign == '+' && isDefault)
            return Fault.At(at, "Rule limit cannot have '+'", "'+' is for folders; remove it", out error);

        var name = key == "messages" ? "messages" : $"{key} limit";
        if (!AmountText.TryRead(text, at, end, name, key == "storage" ? 1024 : 1, notes, out amount, out error))
            return false;
        if (!isDefault)
        {
            if (sign is not ('+' or '-') && amount != RuleAmount.Unlimited)
            {
                var written = text[at..end];
                notes.Add(Fault.Text(at, $"{written} is added to the default limit", $"write {key}=+{written}"));
            }
            return true;
        }

        if (amount.IsPercent)
            return Fault.At(at, "Default rule can't be a percentage", "write a size, for example 1G", out error);
        if (amount == RuleAmount.Unlimited && sign != '-')
            amount = new RuleAmount(0);
        return amount.Number >= 0
            || Fault.At(at, $"{(key == "messages" ? "Count" : "Bytes")} limit can't be negative",
                "'-' is for folders; 0 is unlimited", out error);
    }

    private static string CureOfKey(string key) => key switch
    {
        _ when key.Equals("ignore", StringComparison.OrdinalIgnoreCase) =>
            "write ignore in lower case and alone: Junk:ignore",
        _ when key.Equals("backend", StringComparison.OrdinalIgnoreCase) =>
            "write backend= in lower case and alone: *:backend=100000S",
        _ when Array.Find(Keys, known => known.Equals(key.Trim(), StringComparison.OrdinalIgnoreCase)) is { } known =>
            $"write {known}, in lower case and without blanks",
        _ => "use storage, bytes or messages, or ignore alone",
    };
}
