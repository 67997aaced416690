namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// The writer's view of the store: which rows differ from the file, and which warnings are due. One thread.
/// </summary>
internal sealed class DueWarnings
{
    private readonly Dictionary<string, StoredWarnings> _rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unsaved = new(StringComparer.Ordinal);

    /// <summary>A new state, and warnings that become due with it.</summary>
    public void Change(string mailbox, WarningState state, IReadOnlyList<PendingWarning> warnings)
    {
        var due = _rows.TryGetValue(mailbox, out var row) ? row.Pending : [];
        Set(mailbox, new StoredWarnings(state, [.. due, .. warnings.Select(w => w.ToLine())]));
    }

    /// <summary>A script runs: no longer due.</summary>
    public void Started(PendingWarning warning)
    {
        if (!_rows.TryGetValue(warning.Mailbox, out var row)) return;
        var due = row.Pending.ToList();
        due.Remove(warning.ToLine());
        Set(warning.Mailbox, row with { Pending = due });
    }

    /// <summary>The rows to write, an empty one meaning delete.</summary>
    public IReadOnlyList<KeyValuePair<string, StoredWarnings>> Unsaved() =>
        [.. _unsaved.Select(mailbox => KeyValuePair.Create(mailbox, _rows[mailbox]))];

    /// <summary>Everything of <see cref="Unsaved"/> is in the file.</summary>
    public void Saved()
    {
        foreach (var mailbox in _unsaved)
            if (_rows[mailbox].IsEmpty)
                _rows.Remove(mailbox);
        _unsaved.Clear();
    }

    private void Set(string mailbox, StoredWarnings row)
    {
        _rows[mailbox] = row;
        _unsaved.Add(mailbox);
    }
}
