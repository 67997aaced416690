namespace MaildirQuotaWatcher.Limits;

/// <summary>One round of questions: whom, and from which source on.</summary>
/// <param name="Users">Whom to ask for.</param>
/// <param name="From">Sources before this one are known not to know them.</param>
/// <param name="OneSource">Only source <paramref name="From"/> may have changed.</param>
internal sealed record LimitRound(IReadOnlyCollection<string> Users, int From = 0, bool OneSource = false);
