using System.Text;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>Reads golden files into cases. Format: <c>tests/Goldens/README.md</c>.</summary>
public static class GoldenFile
{
    /// <summary>Every case of every <c>*.golden</c> below <c>tests/Goldens/folder</c>.</summary>
    public static IReadOnlyList<GoldenCase> LoadFolder(string folder)
    {
        var cases = Directory.GetFiles(RepositoryRoot.Combine("tests", "Goldens", folder), "*.golden")
            .Order(StringComparer.Ordinal)
            .SelectMany(Load)
            .ToList();
        if (cases.GroupBy(each => each.Id).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new FormatException($"{twice.Last().Where}: case {twice.Key} is there twice");
        return cases;
    }

    /// <summary>The cases of one file.</summary>
    public static IReadOnlyList<GoldenCase> Load(string path)
    {
        var cases = new List<GoldenCase>();
        var lines = new List<GoldenLine>();
        var number = 0;
        foreach (var text in File.ReadAllText(path, Encoding.UTF8).Split('\n'))
        {
            number++;
            if (text.Length == 0 || text[0] == '#')
                continue;
            var blank = text.IndexOf(' ', StringComparison.Ordinal);
            var line = new GoldenLine(
                $"{Path.GetFileName(path)}:{number}",
                blank < 0 ? text : text[..blank],
                blank < 0 ? "" : text[(blank + 1)..]);
            if (line.Word == "case")
                cases.Add(Open(line, lines = []));
            else if (cases.Count == 0)
                throw line.Error("no case yet");
            else
                lines.Add(line);
        }

        return cases;
    }

    private static GoldenCase Open(GoldenLine line, List<GoldenLine> lines)
    {
        var parts = line.Value.Split(' ', 2);
        return new GoldenCase(line.Where, parts[0], parts.Length > 1 ? parts[1] : "", lines);
    }
}
