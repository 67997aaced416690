using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>The columns of the vectors, and the policy each stands for.</summary>
public static class PolicyColumn
{
    public static IReadOnlyList<string> All { get; } = ["maildir++", "dovecot", "exim", "exim-stat"];

    /// <summary><c>exim-stat</c> is Exim without <c>quota_size_regex</c>.</summary>
    public static CountingPolicy Policy(string column) => column == "exim-stat"
        ? CountingPolicy.Exim.WithoutTrustedNames()
        : CountingPolicy.Find(column) ?? throw new FormatException($"no counting policy {column}");
}
