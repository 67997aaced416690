using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Reads a threshold as Dovecot 2.3 writes it: sign, resource, percentage, command words. Differences, on purpose: one
/// limit per warning, percentages only, and double quotes keep blanks inside a word. Pure.
/// </summary>
internal static class ThresholdParser
{
    private const string Example = "write for example: storage=80% /usr/local/bin/quota-warning";

    public static bool TryParse(
        string text, [NotNullWhen(true)] out Threshold? threshold, [NotNullWhen(false)] out string? error)
    {
        threshold = null;
        var at = 0;
        while (at < text.Length && IsBlank(text[at])) at++;
        if (at == text.Length) return Fail("the warning is empty", at, Example, out error);

        var below = text[at] == '-';
        if (text[at] is '-' or '+') at++;

        if (!TryReadResource(text, ref at, out var resource, out error)) return false;
        if (!TryReadPercent(text, ref at, out var percent, out error)) return false;

        var command = CommandWords.Split(text.AsSpan(at), out var openQuote);
        if (command is null)
            return Fail("a double quote is not closed", at + openQuote, "close it, or remove it", out error);

        threshold = new Threshold(resource, percent, below, command);
        error = null;
        return true;
    }

    private static bool TryReadResource(
        string text, ref int at, out QuotaResource resource, [NotNullWhen(false)] out string? error)
    {
        resource = QuotaResource.Storage;
        error = null;
        var equals = text.IndexOf('=', at);
        if (equals < 0) return Fail("'=' is missing", at, Example, out error);
        var name = text[at..equals];
        switch (name)
        {
            case "storage" or "bytes":
                break;
            case "messages":
                resource = QuotaResource.Messages;
                break;
            default:
                return Fail($"unknown resource '{name}'", at, "use storage or messages, without blanks", out error);
        }
        at = equals + 1;
        return true;
    }

    private static bool TryReadPercent(
        string text, ref int at, out int percent, [NotNullWhen(false)] out string? error)
    {
        error = null;
        percent = 0;
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            percent = Math.Min((percent * 10) + (text[at++] - '0'), Threshold.HighestPercent + 1);
        if (at == start) return Fail("a number is missing", at, Example, out error);
        if (percent is < Threshold.LowestPercent or > Threshold.HighestPercent)
        {
            var range = $"{Threshold.LowestPercent} to {Threshold.HighestPercent}";
            return Fail($"{text[start..at]} % is out of range", start, $"use {range}", out error);
        }

        if (at == text.Length || text[at] != '%')
            return Fail("'%' is missing after the number", at, $"write {text[start..at]}% (percent of the limit)",
                out error);
        at++;
        if (at < text.Length && text[at] == '%') at++;
        if (at < text.Length && text[at] == ':')
            return Fail("several limits in one warning", at, "write one quota_warning for each", out error);
        if (at < text.Length && !IsBlank(text[at]))
            return Fail("a blank is missing after '%'", at, Example, out error);
        return true;
    }

    private static bool Fail(string what, int at, string cure, out string error)
    {
        error = $"column {at + 1}: {what}; {cure}";
        return false;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t';
}
