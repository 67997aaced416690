namespace MaildirQuotaWatcher.Benchmarks;

/// <summary>The words after a verb: options are taken out, the rest stays in order.</summary>
internal sealed class Words(IEnumerable<string> words)
{
    private readonly List<string> _words = [.. words];

    public IReadOnlyList<string> Rest => _words;

    public bool Has(string option) => _words.Remove(option);

    /// <summary>The word after an option; null when it is not there.</summary>
    public string? Take(string option)
    {
        var at = _words.IndexOf(option);
        if (at < 0 || at + 1 == _words.Count)
            return null;
        var value = _words[at + 1];
        _words.RemoveRange(at, 2);
        return value;
    }
}
