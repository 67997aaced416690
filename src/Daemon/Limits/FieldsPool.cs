namespace MaildirQuotaWatcher.Limits;

/// <summary>One object for equal fields: a hundred thousand users mostly have a handful of rules. One thread.</summary>
internal sealed class FieldsPool
{
    private readonly Dictionary<UserFields, UserFields> _known = [];

    public UserFields Share(UserFields fields)
    {
        if (_known.TryGetValue(fields, out var same))
            return same;
        _known.Add(fields, fields);
        return fields;
    }

    public void Clear() => _known.Clear();
}
