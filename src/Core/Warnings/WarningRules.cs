namespace MaildirQuotaWatcher.Warnings;

/// <summary>The configured warnings of every quota root, each list in definition order. Immutable.</summary>
public sealed class WarningRules
{
    private readonly Dictionary<string, IReadOnlyList<WarningRule>> _byRoot;

    /// <param name="byRoot">By name of the root; the mailbox's own root is <c>""</c>.</param>
    public WarningRules(IReadOnlyDictionary<string, IReadOnlyList<WarningRule>> byRoot) =>
        _byRoot = new(byRoot, StringComparer.Ordinal);

    /// <summary>Rules of the default root alone.</summary>
    public WarningRules(IReadOnlyList<WarningRule> rules)
        : this(new Dictionary<string, IReadOnlyList<WarningRule>> { [""] = rules })
    {
    }

    /// <summary>The rules of a root; none when it is not configured.</summary>
    public IReadOnlyList<WarningRule> Of(string root) => _byRoot.GetValueOrDefault(root, []);
}
