using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Users;

namespace MaildirQuotaWatcher.Cli;

/// <summary>
/// How the service counts some mailboxes: for commands that look at them or write beside it. Immutable.
/// </summary>
/// <param name="File">The configuration that says so.</param>
/// <param name="Policy">What counts where no rule says otherwise.</param>
/// <param name="Of">User and rules by mailbox as it was named.</param>
internal sealed record ServiceRules(
    string File, CountingPolicy Policy, IReadOnlyDictionary<string, (string User, MailboxRules Rules)> Of)
{
    /// <summary>Mailboxes of which nobody could say what applies to them, which was said: not to be written.</summary>
    public required IReadOnlySet<string> Unknown { get; init; }

    /// <summary>
    /// Reads them from the configuration that was named, or from that of the machine where every mailbox lies in its
    /// locations and nothing else was asked for.
    /// </summary>
    /// <param name="file">The configuration named; null for none.</param>
    /// <param name="isAsked">Counting was chosen on the command line.</param>
    /// <param name="mailboxes">As named.</param>
    /// <param name="stop">Ends the asking.</param>
    /// <param name="machines">The configuration of the machine.</param>
    /// <returns>Null rules for the command line's own; false when the file has errors, which were said.</returns>
    public static async Task<(bool IsFine, ServiceRules? Rules)> LoadAsync(
        string? file, bool isAsked, IReadOnlyList<string> mailboxes, CancellationToken stop,
        string machines = Settings.DefaultPath)
    {
        if (file is null && (isAsked || !MayRead(machines)))
            return (true, null);
        var path = Path.GetFullPath(file ?? machines);
        var (settings, errors) = SettingsFile.Load(path, static name => Accounts.Find(name) is not null);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        if (errors.Count > 0)
            return (false, null);

        var all = new Dictionary<string, (string, MailboxRules)>(StringComparer.Ordinal);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mailbox in mailboxes.Where(mailbox => mailbox.Length > 0))
        {
            var whom = Whom.OfPath(settings, Path.TrimEndingDirectorySeparator(Path.GetFullPath(mailbox)));
            if (file is null && !whom.IsLocated)
                return (true, null);
            var lookup = await QuotaLookup.FindAsync(settings, whom.User, stop).ConfigureAwait(false);
            foreach (var trouble in lookup.Troubles)
                await Console.Error.WriteLineAsync(EscapingText.Escape(trouble)).ConfigureAwait(false);
            if (lookup.Quota is { } quota)
                all[mailbox] = (whom.User, quota.Mailbox);
            else
                unknown.Add(mailbox);
        }

        return (true, new ServiceRules(path, WatcherService.PolicyOf(settings), all) { Unknown = unknown });
    }

    /// <summary>A configuration that is not there, or is kept from this account, is nothing to go by.</summary>
    private static bool MayRead(string file)
    {
        try
        {
            using var _ = System.IO.File.OpenRead(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
