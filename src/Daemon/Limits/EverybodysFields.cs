namespace MaildirQuotaWatcher.Limits;

/// <summary>What one source has given of everybody, in one round. Only read.</summary>
/// <remarks>
/// Whether <c>Rj</c> is <c>rj</c> is for the source to say (MySQL and LDAP mostly think so), so that a user who would
/// be found but for the case of his letters is not decided here.
/// </remarks>
internal sealed class EverybodysFields(IReadOnlyDictionary<string, UserFields> fields)
{
    private readonly HashSet<string> _anyCase = new(fields.Keys, StringComparer.OrdinalIgnoreCase);

    /// <summary>False when the source has to be asked for this user.</summary>
    /// <param name="found">Null: the source does not know him.</param>
    public bool TryDecide(string user, out UserFields? found) =>
        fields.TryGetValue(user, out found) || !_anyCase.Contains(user);
}
