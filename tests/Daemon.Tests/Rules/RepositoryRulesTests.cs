using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Rules;

/// <summary>The rules of this repository that a test can check.</summary>
public sealed partial class RepositoryRulesTests
{
    /// <summary>Folders of the daemon that see everything.</summary>
    private static readonly string[] Free = ["", "Accounting", "Cli", "Users"];

    private static readonly string Source = RepositoryRoot.Combine("src");

    [Fact]
    public void Sources_EveryFile_IsShort() => AssertNone(
        Files("src").Where(file => file.Lines.Length > 400).Select(file => $"{file.Name}: {file.Lines.Length} lines"));

    [Fact]
    public void Sources_EveryLine_FitsIn120Columns() => AssertNone(
        from file in Files("src")
        from line in file.Lines.Select((text, index) => (Text: text, Number: index + 1))
        where line.Text.Length > 120
        select $"{file.Name}:{line.Number}: {line.Text.Length} columns");

    [Fact]
    public void NativeCalls_OnlyInLinux() => AssertNone(
        from file in Files("src")
        where !file.Name.StartsWith("src/Daemon/Linux/", StringComparison.Ordinal)
        where NativeCall().IsMatch(file.Code)
        select file.Name);

    [Fact]
    public void Core_NeverTouchesTheWorld() => AssertNone(
        from file in Files("src/Core")
        from Match match in World().Matches(file.Code)
        select $"{file.Name}: {match.Value}");

    [Fact]
    public void FileNames_NoEmptyWords() => AssertNone(
        Files("src").Concat(Files("tests")).Where(file => EmptyWord().IsMatch(file.Name)).Select(file => file.Name));

    [Fact]
    public void Folders_EachHasAReadMe() => AssertNone(
        from top in new[] { "src", "tests" }
        from folder in Directory.GetDirectories(RepositoryRoot.Combine(top), "*", SearchOption.AllDirectories)
            .Append(RepositoryRoot.Combine(top))
        let name = Path.GetRelativePath(RepositoryRoot.Combine(), folder)
        // A folder of tests is explained by that of its project.
        where !Built().IsMatch(name) && (top == "src" || name.Count(c => c == '/') < 2)
        where !File.Exists(Path.Combine(folder, "README.md"))
        select name);

    [Fact]
    public void Imports_FollowTheFlow() => AssertNone(
        from file in Files("src")
        let folders = file.Name.Split('/')
        let project = folders[1]
        let folder = folders.Length > 3 ? folders[2] : ""
        from Match import in Import().Matches(file.Code)
        let to = import.Groups[1].Value.Split('.')[0]
        where to != folder && !MayImport(project, folder, to)
        select $"{file.Name}: {import.Value.Trim()}");

    [Theory]
    [InlineData("Core", "Maildir", "Warnings", false)]
    [InlineData("Core", "Ports", "Maildir", true)]
    [InlineData("Core", "Rules", "Quota", true)]
    [InlineData("Core", "Rules", "Warnings", false)]
    [InlineData("Daemon", "Linux", "Quota", false)]
    [InlineData("Daemon", "Warnings", "Quota", true)]
    [InlineData("Daemon", "Warnings", "Storage", false)]
    [InlineData("Daemon", "Warnings", "State", true)]
    [InlineData("Daemon", "Limits", "State", true)]
    [InlineData("Daemon", "Limits", "Storage", false)]
    [InlineData("Daemon", "Storage", "Linux", true)]
    [InlineData("Daemon", "Cli", "Storage", true)]
    public void MayImport_Folder_FollowsTheFlow(string project, string folder, string to, bool may) =>
        Assert.Equal(may, MayImport(project, folder, to));

    private static bool MayImport(string project, string folder, string to)
    {
        if (project == "Core")
        {
            string[] allowed = folder switch
            {
                "" => ["Maildir", "Quota", "Ports", "Rules", "Warnings", "Policy", "Dict"],
                "Quota" => [],
                // The index asks the disk through its port.
                "Maildir" => ["Quota", "Ports"],
                "Ports" => ["Maildir", "Quota", "Warnings", "Policy"],
                _ => ["Quota"],
            };
            return allowed.Contains(to);
        }

        if (folder == "Linux")
            return false;
        var core = Directory.Exists(Path.Combine(Source, "Core", to));
        return Free.Contains(folder)
            // One name for two folders: where Core has it, the daemon's own is not meant.
            || core
            || (folder is "Watching" or "Storage" or "Control" && to == "Linux")
            || (folder == "Warnings" && to == "State")
            || (folder == "Config" && to == "Limits")
            || (folder == "Limits" && to is ("Linux" or "State"));
    }

    private static void AssertNone(IEnumerable<string> broken)
    {
        var all = string.Join('\n', broken);
        Assert.True(all.Length == 0, all);
    }

    private static IEnumerable<SourceFile> Files(string folder) =>
        from path in Directory.EnumerateFiles(RepositoryRoot.Combine(folder), "*.cs", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(RepositoryRoot.Combine(), path)
        where !Built().IsMatch(name)
        select new SourceFile(name, File.ReadAllLines(path));

    [GeneratedRegex(@"\[(DllImport|LibraryImport)|\bMono\.(Unix|Posix)\b")]
    private static partial Regex NativeCall();

    [GeneratedRegex(@"System\.IO\b|\bDateTime(Offset)?\.(Utc)?Now\b|\bTickCount\b|\bStopwatch\b|\bnew Thread\b|\bTask\.Run\b"
        + @"|\bSystem\.Threading\b|\bProcess\.|\bSystem\.Diagnostics\.Process\b|\bFile\.|\bDirectory\.(Get|Exists|Create)")]
    private static partial Regex World();

    [GeneratedRegex(@"(Manager|Helper|Util|Utils|Processor|Handler)(?=[A-Z./]|$)")]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"(^|/)(bin|obj|TestResults|Properties)(/|$)")]
    private static partial Regex Built();

    [GeneratedRegex(@"^using (?:static )?MaildirQuotaWatcher\.([A-Za-z.]+);", RegexOptions.Multiline)]
    private static partial Regex Import();

    private sealed record SourceFile(string Name, string[] Lines)
    {
        /// <summary>Without comments.</summary>
        public string Code => string.Join('\n', Lines.Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
    }
}
