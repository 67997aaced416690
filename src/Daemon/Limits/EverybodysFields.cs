namespace MaildirQuotaWatcher.Limits;

/// <summary>What one source has given of everybody, in one round. Only read.</summary>
/// <remarks>
/// Which names are the same is for the source to say: collations of SQL and LDAP mostly do not tell <c>Rj</c> from
/// <c>rj</c>, nor blanks at the end, nor <c>ü</c> from <c>u</c>. So only a name that is here letter by letter, or that
/// no collation could take for one that is here, is decided here; for any other the source is asked, as if he were
/// alone.
/// </remarks>
internal sealed class EverybodysFields
{
    private readonly IReadOnlyDictionary<string, UserFields> _fields;
    private readonly HashSet<string> _folded = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _isPlain = true;

    public EverybodysFields(IReadOnlyDictionary<string, UserFields> fields)
    {
        _fields = fields;
        foreach (var name in fields.Keys)
        {
            _folded.Add(Fold(name));
            _isPlain &= IsPlain(name);
        }
    }

    /// <summary>False when the source has to be asked for this user.</summary>
    /// <param name="found">Null: the source does not know him.</param>
    public bool TryDecide(string user, out UserFields? found) =>
        _fields.TryGetValue(user, out found) || (_isPlain && IsPlain(user) && !_folded.Contains(Fold(user)));

    /// <summary>Beyond ASCII every collation has its own idea of what is the same.</summary>
    private static bool IsPlain(string name) => name.All(c => c is >= ' ' and <= '~');

    /// <summary>Blanks at the end do not count in SQL, nor at the start, nor several for one, in LDAP.</summary>
    private static string Fold(string name) => name.Contains(' ', StringComparison.Ordinal)
        ? string.Join(' ', name.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        : name;
}
