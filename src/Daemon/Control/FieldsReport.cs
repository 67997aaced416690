namespace MaildirQuotaWatcher.Control;

/// <summary>What the running service goes by for one user. Immutable.</summary>
/// <param name="Sources">The names of all its sources of limits, in order.</param>
/// <param name="IsKnown">The sources have answered for the user, now or in an earlier run.</param>
/// <param name="Fields">As <c>UserFields.ToText</c> writes them; null when no source knows the user.</param>
/// <param name="Source">The one that gave them; null when that was in an earlier run.</param>
/// <param name="Down">The sources that do not answer now, a sentence each.</param>
internal sealed record FieldsReport(
    IReadOnlyList<string> Sources, bool IsKnown, string? Fields, string? Source, IReadOnlyList<string> Down);
