using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Reads <c>backend[:name[:argument]...]</c>. Backends that count the same mail in another place are read as maildir;
/// those whose limits live elsewhere are errors. Pure.
/// </summary>
internal static class QuotaRootParser
{
    private const string Example = "write for example maildir:User quota";

    public static bool TryParse(
        string text, [NotNullWhen(true)] out QuotaRoot? root, [NotNullWhen(false)] out string? error)
    {
        root = null;
        var at = text.Length - text.AsSpan().TrimStart().Length;
        var end = Math.Max(at, text.AsSpan().TrimEnd().Length);
        if (at == end)
            return Fault.At(at, "the quota root is empty", $"{Example}, or remove the line", out error);

        var notes = new List<string>();
        var start = at;
        var backend = Next(text, ref at, end);
        if (!TryReadBackend(backend, start, notes, out var kind, out error))
            return false;
        var name = Next(text, ref at, end);
        var read = new QuotaRoot(name, kind) { Notes = notes };
        // Dovecot's dict backend has a user name before the arguments, and the dictionary after them.
        if (backend == "dict")
            _ = Next(text, ref at, end);
        while (at < end)
        {
            start = at;
            var argument = Next(text, ref at, end);
            if (TryReadArgument(text, start, argument, notes, ref read, out error))
                continue;
            if (error is not null)
                return false;
            if (backend == "dict")
                break;
            return Fault.At(start, $"Unknown parameter for backend {backend}: {argument}", Arguments(kind), out error);
        }

        if (kind == QuotaRootKind.Group && read.By is null)
        {
            return Fault.At(end, "by= is missing", "say which mailboxes share the root: group:Domain quota:by=%d",
                out error);
        }

        root = read;
        error = null;
        return true;
    }

    private static bool TryReadBackend(
        string backend, int at, List<string> notes, out QuotaRootKind kind, [NotNullWhen(false)] out string? error)
    {
        error = null;
        kind = backend == "group" ? QuotaRootKind.Group : QuotaRootKind.Mailbox;
        switch (backend)
        {
            case "maildir" or "group":
                return true;
            case "count" or "dict" or "dirsize":
                notes.Add(Fault.Text(at, $"{backend} is read as maildir",
                    "usage is counted in the mailbox and kept in maildirsize"));
                return true;
            case "fs" or "imapc":
                var where = backend == "fs" ? "the file system" : "the remote server";
                return Fault.At(at, $"the limits of backend {backend} belong to {where}",
                    "give them as quota_rule and write maildir:User quota", out error);
            default:
                return Fault.At(at, $"Unknown quota backend: {backend}", Example, out error);
        }
    }

    /// <returns>False with an error, or without one for an argument not known.</returns>
    private static bool TryReadArgument(
        string text, int at, string argument, List<string> notes, ref QuotaRoot root, out string? error)
    {
        error = null;
        var group = root.Kind == QuotaRootKind.Group;
        switch (argument)
        {
            case "hidden":
                root = root with { Hidden = true };
                return true;
            case "ignoreunlimited":
                root = root with { IgnoreUnlimited = true };
                return true;
            case "noenforcing":
                root = root with { NoEnforcing = true };
                return true;
            case "no-unset" or "":
                return true;
        }

        if (argument.StartsWith("ns=", StringComparison.Ordinal) && !group)
        {
            if (!MaskText.TryRead(text, at + 3, at + argument.Length, notes, out var prefix, out error))
                return false;
            root = root with { Namespace = prefix };
            return true;
        }
        if (!argument.StartsWith("by=", StringComparison.Ordinal) || !group)
            return false;
        if (!GroupTemplate.TryParse(argument[3..], at + 3, out var by, out error))
            return false;
        root = root with { By = by };
        return true;
    }

    private static string Arguments(QuotaRootKind kind) =>
        $"known are hidden, ignoreunlimited, noenforcing, {(kind == QuotaRootKind.Group ? "by=%d" : "ns=PREFIX")}";

    /// <summary>The text up to the next colon, and goes behind that.</summary>
    private static string Next(string text, ref int at, int end)
    {
        if (at >= end)
            return "";
        var colon = text.IndexOf(':', at, end - at);
        var stop = colon < 0 ? end : colon;
        var part = text[at..stop];
        at = stop + 1;
        return part;
    }
}
