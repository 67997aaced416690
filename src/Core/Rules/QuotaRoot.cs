using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// One <c>quota</c>, <c>quota2</c>, ... setting: what has a limit of its own. Dovecot's
/// <c>maildir:User quota:noenforcing:ns=Archive/</c> and ours, <c>group:Domain quota:by=%d</c>. Immutable.
/// </summary>
/// <param name="Name">For people; empty when none is given.</param>
/// <param name="Kind">What it counts.</param>
public sealed record QuotaRoot(string Name, QuotaRootKind Kind)
{
    /// <summary><c>hidden</c>: not shown to users (Dovecot: GETQUOTAROOT).</summary>
    public bool Hidden { get; init; }

    /// <summary><c>ignoreunlimited</c>: as if it were not there while it has no limit.</summary>
    public bool IgnoreUnlimited { get; init; }

    /// <summary><c>noenforcing</c>: counted and warned of, never a reason to refuse mail.</summary>
    public bool NoEnforcing { get; init; }

    /// <summary>
    /// <c>ns=</c>: the folders whose virtual names begin with this. Empty (<c>ns=</c>) for those that no other root's
    /// prefix claims; null (no <c>ns=</c>) for all folders, those of other roots too, which then count twice (run with
    /// Dovecot 2.3).
    /// </summary>
    public string? Namespace { get; init; }

    /// <summary><c>by=</c>: mailboxes with the same text share the root; null unless a group.</summary>
    public GroupTemplate? By { get; init; }

    /// <summary>What was read in a way that may surprise, with its column; no part of equality.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Parses the setting; arguments in any order, where Dovecot wants one order.</summary>
    /// <param name="error">What is wrong, where (column, from 1), and how to write it.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out QuotaRoot? root, [NotNullWhen(false)] out string? error) =>
        QuotaRootParser.TryParse(text, out root, out error);

    /// <summary>The setting as it is written; <see cref="TryParse"/> reads the same from it.</summary>
    public string Text => string.Concat(
        Kind == QuotaRootKind.Group ? "group:" : "maildir:", Name, By is null ? "" : $":by={By}",
        Hidden ? ":hidden" : "", IgnoreUnlimited ? ":ignoreunlimited" : "", NoEnforcing ? ":noenforcing" : "",
        Namespace is null ? "" : $":ns={Namespace}");

    /// <summary>Whether a folder counts for this root.</summary>
    /// <param name="folder">Virtual name, see <see cref="FolderText.Virtual"/>.</param>
    /// <param name="roots">All roots, this one too: a folder belongs to the longest prefix among them.</param>
    public bool Covers(string folder, IEnumerable<QuotaRoot> roots) =>
        Namespace is null
        || (IsIn(folder, Namespace)
            && !roots.Any(other => other.Namespace?.Length > Namespace.Length && IsIn(folder, other.Namespace)));

    public bool Equals(QuotaRoot? other) =>
        other is not null
        && (Name, Kind, Hidden, IgnoreUnlimited, NoEnforcing, Namespace)
            == (other.Name, other.Kind, other.Hidden, other.IgnoreUnlimited, other.NoEnforcing, other.Namespace)
        && Equals(By, other.By);

    public override int GetHashCode() =>
        HashCode.Combine(Name, Kind, Hidden, IgnoreUnlimited, NoEnforcing, Namespace, By);

    private static bool IsIn(string folder, string prefix) =>
        folder.StartsWith(prefix, StringComparison.Ordinal)
        // The namespace's own folder: Archive for Archive/.
        || (prefix.EndsWith('/') && folder.AsSpan().SequenceEqual(prefix.AsSpan()[..^1]));
}
