namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One case of a golden file, before anybody knows what its words mean.</summary>
/// <param name="Where">File and line number.</param>
/// <param name="Id">Unique in its folder: <c>V26</c>.</param>
/// <param name="Title">What the case is about.</param>
/// <param name="Lines">In the file's order.</param>
public sealed record GoldenCase(string Where, string Id, string Title, IReadOnlyList<GoldenLine> Lines)
{
    /// <summary>The only line with that word.</summary>
    public GoldenLine Require(string word) =>
        Optional(word) ?? throw new FormatException($"{Where}: {Id} has no {word}");

    public GoldenLine? Optional(string word)
    {
        var found = Lines.Where(line => line.Word == word).ToList();
        return found.Count > 1 ? throw found[1].Error("given twice") : found.FirstOrDefault();
    }

    /// <summary>Fails for a line whose word is none of <paramref name="known"/>.</summary>
    public void Allow(params string[] known)
    {
        if (Lines.FirstOrDefault(line => !known.Contains(line.Word)) is { } unknown)
            throw unknown.Unknown();
    }
}
