using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Reads a warning as Dovecot 2.3 writes it: sign, limits with colons between them, command words. Pure.
/// </summary>
/// <remarks>
/// Differences, on purpose: double quotes keep blanks inside a word, and around a number (<c>storage="1 GB"</c>, as
/// Dovecot 2.4 writes sizes); letters behind a unit have to make sense; one resource given twice, a number that
/// overflows and a limit of nothing are errors. A bare <c>storage=</c> is in KiB, a bare <c>bytes=</c> in bytes.
/// </remarks>
internal static class WarningRuleParser
{
    private const string Example = "write for example: storage=80% /usr/local/bin/quota-warning";

    public static bool TryParse(
        string text, [NotNullWhen(true)] out WarningRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        var at = 0;
        while (at < text.Length && IsBlank(text[at])) at++;
        if (at == text.Length) return Fail("the warning is empty", at, Example, out error);

        var below = text[at] == '-';
        if (text[at] is '-' or '+') at++;

        var parts = new List<WarningPart>();
        do
        {
            var start = at;
            if (!TryReadPart(text, ref at, out var part, out error)) return false;
            if (parts.Exists(other => other.Resource == part.Resource))
                return Fail($"{WarningPart.WordOf(part.Resource)} is given twice, Dovecot would use only the last",
                    start, "keep one, or write one quota_warning for each", out error);
            parts.Add(part);
        }
        while (at < text.Length && text[at++] == ':');

        if (!TryReadCommand(text, at, out var command, out error)) return false;
        rule = new WarningRule(parts, below, command);
        return true;
    }

    private static bool TryReadPart(string text, ref int at,
        [NotNullWhen(true)] out WarningPart? part, [NotNullWhen(false)] out string? error)
    {
        part = null;
        var equals = text.IndexOf('=', at);
        if (equals < 0) return Fail("'=' is missing", at, Example, out error);
        var name = text[at..equals];
        if (name is not ("storage" or "bytes" or "messages"))
            return Fail($"unknown resource '{name}'", at, "use storage, bytes or messages, without blanks", out error);

        at = equals + 1;
        if (at < text.Length && text[at] is '+' or '-')
            return Fail($"a limit cannot have '{text[at]}'", at, "write the sign before the resource: -storage=80%",
                out error);
        var quoted = at < text.Length && text[at] == '"';
        var start = quoted ? at + 1 : at;
        var end = quoted ? text.IndexOf('"', start) : start;
        if (end < 0) return Fail("a double quote is not closed", at, "close it, or remove it", out error);
        while (!quoted && end < text.Length && text[end] != ':' && !IsBlank(text[end])) end++;
        at = quoted ? end + 1 : end;
        if (at < text.Length && text[at] != ':' && !IsBlank(text[at]))
            return Fail("a blank is missing behind the number", at, Example, out error);
        return TryReadAmount(name, text.AsSpan(start, end - start), start, out part, out error);
    }

    private static bool TryReadAmount(string name, ReadOnlySpan<char> amount, int at,
        [NotNullWhen(true)] out WarningPart? part, [NotNullWhen(false)] out string? error)
    {
        part = null;
        var digits = 0;
        var number = (Int128)0;
        for (; digits < amount.Length && char.IsAsciiDigit(amount[digits]); digits++)
            number = Int128.Min((number * 10) + (amount[digits] - '0'), (Int128)long.MaxValue + 1);
        if (digits == 0) return Fail("a number is missing", at, Example, out error);

        var resource = name == "messages" ? QuotaResource.Messages : QuotaResource.Storage;
        var unit = amount[digits..].Trim(' ');
        if (unit is "%" or "%%")
        {
            const string Range = "use 1 to 1000000";
            if (number < WarningPart.LowestPercent || number > WarningPart.HighestPercent)
                return Fail($"{amount[..digits]} % is out of range", at, Range, out error);
            part = new WarningPart(resource, (long)number);
            error = null;
            return true;
        }

        if (FactorOf(name, unit) is not { } factor)
            return Fail($"unknown unit '{unit}'", at + digits,
                "use % for a share of the limit, or k, M, G, T; \"1 G\" with a blank needs quotes", out error);
        number *= factor;
        if (number == 0) return Fail("0 is never reached", at, "use 1 or more", out error);
        if (number > long.MaxValue)
            return Fail($"{amount} is too large", at, $"the largest amount is {long.MaxValue}", out error);
        part = new WarningPart(resource, (long)number, IsPercent: false);
        error = null;
        return true;
    }

    /// <summary>Powers of 1024, in any case: <c>k</c>, <c>kB</c>, <c>ki</c>, <c>KiB</c>; null when unknown.</summary>
    private static Int128? FactorOf(string name, ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty) return name == "storage" ? 1024 : 1;
        var power = "bkmgt".IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal);
        var rest = unit[1..].ToString().ToLowerInvariant();
        if (power < 0 || rest is not ("" or "b" or "i" or "ib") || (power == 0 && rest.Length > 0)) return null;
        return (Int128)1 << (10 * power);
    }

    private static bool TryReadCommand(
        string text, int at, [NotNullWhen(true)] out string[]? command, [NotNullWhen(false)] out string? error)
    {
        while (at < text.Length && IsBlank(text[at])) at++;
        command = CommandWords.Split(text.AsSpan(at), out var openQuote);
        if (command is null)
            return Fail("a double quote is not closed", at + openQuote, "close it, or remove it", out error);
        if (command is [{ Length: > 0 } first, ..]
            && (first is "%" or "%%" || FactorOf("bytes", first) is not null))
            return Fail($"'{first}' stands behind a blank and would be the command", at,
                "write the unit without a blank, or quote both: storage=\"1 GB\"", out error);
        error = null;
        if (command.Length == 0 || CommandTarget.TryParse(command[0], out _, out var problem)) return true;
        error = $"column {at + 1}: {problem}";
        return false;
    }

    private static bool Fail(string what, int at, string cure, out string error)
    {
        error = $"column {at + 1}: {what}; {cure}";
        return false;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t';
}
