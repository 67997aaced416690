namespace MaildirQuotaWatcher.Limits;

/// <summary>What a file of limits says, parsed. Filled by one thread, then only read.</summary>
/// <param name="isAccount">Whether the system knows a user, for the line of everybody.</param>
internal sealed class LimitTable(Func<string, bool> isAccount)
{
    private readonly Dictionary<string, UserFields> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UserFields> _domains = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly FieldsPool _pool = new();
    private UserFields? _everybody;

    /// <summary>One sentence for each bad line: file, line, what, cure.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Lines that say something: of users, domains, everybody.</summary>
    public int Count => _users.Count + _domains.Count + (_everybody is null ? 0 : 1);

    /// <summary>Users by name, when nobody else is known; null when a line speaks of a domain or everybody.</summary>
    public IReadOnlyDictionary<string, UserFields>? Users =>
        _domains.Count == 0 && _everybody is null && _broken.Count == 0 ? _users : null;

    /// <summary>Every line that says something, by whom it is about as it is written.</summary>
    public IEnumerable<(string Name, UserFields Fields)> All =>
    [
        .. _users.Select(user => (user.Key, user.Value)),
        .. _domains.Select(domain => ("@" + domain.Key, domain.Value)),
        .. _everybody is null ? [] : new[] { ("*", _everybody) },
    ];

    /// <summary>A line for one user; false when there is one already, which stays.</summary>
    public bool Add(string user, UserFields fields) => _users.TryAdd(user, _pool.Share(fields));

    /// <summary>A line for a user, <c>@domain</c>, or <c>*</c>; false when there is one already, which stays.</summary>
    public bool AddWide(string name, UserFields fields)
    {
        if (name == "*")
            return _everybody is null && (_everybody = fields) is not null;
        return name.StartsWith('@') ? _domains.TryAdd(name[1..], fields) : Add(name, fields);
    }

    /// <summary>A bad line; the name, where there is one, keeps the limit he had.</summary>
    public void Complain(string place, string what, string? name = null)
    {
        Complaints.Add($"{place}: {what}");
        if (name is not null)
            _broken.Add(name);
    }

    /// <summary>The user's own line, else that of his domain, else that of everybody the system knows.</summary>
    /// <exception cref="LimitSourceException">The line of this user is bad.</exception>
    public UserFields? Find(string user, string file)
    {
        if (_users.TryGetValue(user, out var fields))
            return fields;
        var domain = UserTemplate.Domain(user);
        if (_broken.Contains(user) || _broken.Contains("@" + domain) || _broken.Contains("*"))
            throw new LimitSourceException($"{file}: a line that speaks of {user} is bad", onlyThisUser: true);
        if (domain.Length > 0 && _domains.TryGetValue(domain, out fields))
            return fields;
        return _everybody is not null && isAccount(user) ? _everybody : null;
    }
}
