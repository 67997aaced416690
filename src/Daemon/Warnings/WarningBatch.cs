namespace MaildirQuotaWatcher.Warnings;

/// <summary>What has changed and is not in the file yet. One thread.</summary>
internal sealed class WarningBatch
{
    private readonly Dictionary<string, StoredState> _states = new(StringComparer.Ordinal);
    private readonly HashSet<string> _forgotten = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, DueWarning> _added = [];
    private readonly Dictionary<long, (int Tries, long NotBefore)> _later = [];
    private readonly HashSet<long> _removed = [];

    public bool IsEmpty =>
        _states.Count + _forgotten.Count + _added.Count + _later.Count + _removed.Count == 0;

    /// <summary>Subjects of which nothing is kept; they come before everything else.</summary>
    public IReadOnlyCollection<string> Forgotten => _forgotten;

    /// <summary>The newest by subject, an empty one meaning delete.</summary>
    public IReadOnlyDictionary<string, StoredState> States => _states;

    /// <summary>Due ones, oldest first.</summary>
    public IReadOnlyCollection<DueWarning> Added => _added.Values;

    /// <summary>Due ones to be tried again, not before that moment (Unix milliseconds).</summary>
    public IReadOnlyDictionary<long, (int Tries, long NotBefore)> Later => _later;

    /// <summary>No longer due.</summary>
    public IReadOnlyCollection<long> Removed => _removed;

    public void Set(string key, StoredState state) => _states[key] = state;

    public void Add(DueWarning due) => _added.Add(due.Id, due);

    public void Remove(long id)
    {
        _later.Remove(id);
        if (!_added.Remove(id)) _removed.Add(id);
    }

    public void Postpone(long id, int tries, long notBefore) => _later[id] = (tries, notBefore);

    public void Forget(string key)
    {
        _states.Remove(key);
        foreach (var due in _added.Values.Where(due => due.Subject.Key == key).ToArray()) _added.Remove(due.Id);
        _forgotten.Add(key);
    }

    public void Clear()
    {
        _states.Clear();
        _forgotten.Clear();
        _added.Clear();
        _later.Clear();
        _removed.Clear();
    }
}
