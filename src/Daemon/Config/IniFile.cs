namespace MaildirQuotaWatcher.Config;

/// <summary>
/// The lines of an INI file: <c>[section]</c>, <c>key = value</c>, comments from <c>#</c> or <c>;</c> at the start of a
/// line or after a blank. A value wholly in double quotes loses them; a comment sign inside quotes is text.
/// </summary>
internal sealed class IniFile
{
    private readonly List<IniEntry> _entries = [];
    private readonly List<ConfigError> _errors = [];
    private readonly List<(string Name, int Line)> _sections = [];

    private IniFile(string name) => Name = name;

    public string Name { get; }

    /// <summary>In the order of the file; keys may repeat here, the reader decides.</summary>
    public IReadOnlyList<IniEntry> Entries => _entries;

    /// <summary>Section headers in the order of the file, empty sections included.</summary>
    public IReadOnlyList<(string Name, int Line)> Sections => _sections;

    /// <summary>Lines that could not be read.</summary>
    public IReadOnlyList<ConfigError> Errors => _errors;

    public static IniFile Parse(string name, string text)
    {
        var file = new IniFile(name);
        var number = 0;
        string? section = null;
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            var line = WithoutComment(raw).Trim();
            if (line.Length == 0) continue;
            if (line[0] == '[') section = file.ReadSection(line, number) ?? section;
            else file.ReadEntry(line, number, section);
        }
        return file;
    }

    /// <summary>An error of a setting, with its line where the file has it.</summary>
    /// <param name="section">Where it stands.</param>
    /// <param name="key">Its name.</param>
    /// <param name="message">What is wrong and the cure.</param>
    public ConfigError Error(string section, string key, string message)
    {
        var entry = _entries.LastOrDefault(entry => (entry.Section, entry.Key) == (section, key));
        return new ConfigError(Name, entry?.Line ?? 0, $"{key}: {message}");
    }

    private string? ReadSection(string line, int number)
    {
        var name = line[^1] == ']' ? line[1..^1].Trim() : "";
        if (name.Length == 0)
        {
            Fail(number, "a section is written [name] on a line of its own");
            return null;
        }
        _sections.Add((name, number));
        return name;
    }

    private void ReadEntry(string line, int number, string? section)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? "" : line[..equals].Trim();
        if (line is "}" || line.EndsWith('{'))
            Fail(number, $"'{line}': {DovecotKeys.CureOfBlock(line)}");
        else if (key.Length == 0)
            Fail(number, $"'{line}' is not a setting; write key = value");
        else if (section is null)
            Fail(number, $"'{key}' stands before any section; put a [section] line above it");
        else if (Unquote(line[(equals + 1)..].Trim()) is { } value)
            _entries.Add(new IniEntry(section, key, value, number));
        else
            Fail(number, $"a double quote in the value of '{key}' is not closed; close it, or remove it");
    }

    private void Fail(int line, string message) => _errors.Add(new ConfigError(Name, line, message));

    private static string WithoutComment(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"') quoted = !quoted;
            else if (line[i] is '#' or ';' && !quoted && (i == 0 || char.IsWhiteSpace(line[i - 1]))) return line[..i];
        }
        return line;
    }

    /// <summary>Null when a quote is left open.</summary>
    private static string? Unquote(string value)
    {
        var quotes = value.Count(c => c == '"');
        if (quotes % 2 != 0) return null;
        return quotes == 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;
    }
}
