namespace MaildirQuotaWatcher.Control;

/// <summary>How the running service is doing, as <c>status --json</c> prints it. Immutable.</summary>
/// <param name="Fine">Nothing is down and no mailbox or user is in trouble.</param>
/// <param name="Counting">It has just started, and has not judged every mailbox yet.</param>
/// <param name="Observing">Nothing is written.</param>
/// <param name="Mailboxes">Followed.</param>
/// <param name="Uncounted">Those of them that wait to be counted.</param>
/// <param name="Watches">What the kernel is asked by.</param>
/// <param name="Polling">What the kernel does not tell of.</param>
/// <param name="Sources">Names of the sources of limits, in order.</param>
/// <param name="SourcesDown">Those that do not answer now, a sentence each.</param>
/// <param name="WarningsWaiting">Due, and their command not started; null when that cannot be read.</param>
/// <param name="Overflows">Queues of the kernel that have run over since the start; counted again each time.</param>
/// <param name="LastOverflow">When the last one was; null for never.</param>
/// <param name="Configuration">What of the file is not in force.</param>
/// <param name="InTrouble">How many mailboxes cannot be kept right now.</param>
/// <param name="Troubles">The first of them.</param>
/// <param name="UsersInTrouble">How many users have settings that cannot be read, so that their limit is left as it
/// is.</param>
/// <param name="UserTroubles">The first of them.</param>
/// <param name="EmptyLocations">Patterns of [mailboxes] locations that lead to no mailbox; no fault by itself.</param>
internal sealed record StatusReport(
    bool Fine,
    bool Counting,
    bool Observing,
    int Mailboxes,
    int Uncounted,
    WatchReport Watches,
    PollReport Polling,
    IReadOnlyList<string> Sources,
    IReadOnlyList<string> SourcesDown,
    int? WarningsWaiting,
    long Overflows,
    DateTimeOffset? LastOverflow,
    ConfigurationReport Configuration,
    int InTrouble,
    IReadOnlyList<TroubleReport> Troubles,
    int UsersInTrouble,
    IReadOnlyList<UserTroubleReport> UserTroubles,
    IReadOnlyList<string> EmptyLocations);

/// <summary>What the kernel is asked by.</summary>
/// <param name="Inotify">Watches held.</param>
/// <param name="InotifyLimit">fs.inotify.max_user_watches, for all programs of this user; null when not known.</param>
/// <param name="FanotifyDirectories">Watched without a limit.</param>
internal sealed record WatchReport(int Inotify, long? InotifyLimit, int FanotifyDirectories);

/// <summary>Mailboxes on file systems that do not tell of what other machines do.</summary>
/// <param name="Mailboxes">How many.</param>
/// <param name="Seconds">How often each is looked at: so late a change made elsewhere may be seen.</param>
/// <param name="Answers">False while such a file system does not answer, and they wait.</param>
internal sealed record PollReport(int Mailboxes, double Seconds, bool Answers);

/// <summary>What of the configuration file is not in force.</summary>
/// <param name="Problem">Why the last reading of it changed nothing; null when it was taken.</param>
/// <param name="NeedRestart">Settings that were changed and take effect at the next start.</param>
internal sealed record ConfigurationReport(string? Problem, IReadOnlyList<string> NeedRestart);

/// <summary>A mailbox that cannot be kept right now.</summary>
internal sealed record TroubleReport(string Mailbox, string Problem);

/// <summary>A user of whom a source of limits says something that cannot be read.</summary>
internal sealed record UserTroubleReport(string User, string Problem);
