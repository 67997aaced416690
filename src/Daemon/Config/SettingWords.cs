using System.Diagnostics.CodeAnalysis;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>The words that stand for a choice, in the file and on the command line alike.</summary>
internal static class SettingWords
{
    public static IReadOnlyList<(string Word, CountingChoice Meaning)> Counting { get; } =
    [
        ("maildir++", CountingChoice.MaildirPlusPlus), ("dovecot", CountingChoice.Dovecot),
        ("exim", CountingChoice.Exim),
    ];

    public static IReadOnlyList<(string Word, WatchMode Meaning)> Modes { get; } =
        [("enforce", WatchMode.Enforce), ("observe", WatchMode.Observe)];

    public static IReadOnlyList<(string Word, WatchSource Meaning)> Sources { get; } =
        [("auto", WatchSource.Auto), ("inotify", WatchSource.Inotify), ("fanotify", WatchSource.Fanotify)];

    public static IReadOnlyList<(string Word, bool Meaning)> YesNo { get; } = [("yes", true), ("no", false)];

    public static IReadOnlyList<(string Word, WarningChoice Meaning)> Choices { get; } =
        [("highest", WarningChoice.Highest), ("first", WarningChoice.First)];

    public static IReadOnlyList<(string Word, LogLevel Meaning)> Levels { get; } =
    [
        ("debug", LogLevel.Debug), ("info", LogLevel.Info), ("warning", LogLevel.Warning), ("error", LogLevel.Error),
    ];

    /// <summary>Finds the meaning of a word; case does not matter.</summary>
    public static bool TryParse<T>(
        IReadOnlyList<(string Word, T Meaning)> words, string text, out T meaning,
        [NotNullWhen(false)] out string? error)
        where T : struct
    {
        foreach (var (word, candidate) in words)
        {
            if (!word.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase)) continue;
            (meaning, error) = (candidate, null);
            return true;
        }
        meaning = default;
        error = $"'{text}' is not known here; write {string.Join(", ", words.Select(w => w.Word).SkipLast(1))} "
            + $"or {words[^1].Word}";
        return false;
    }

    /// <summary>The word of a meaning.</summary>
    public static string Of<T>(IReadOnlyList<(string Word, T Meaning)> words, T meaning)
        where T : struct => words.First(w => w.Meaning.Equals(meaning)).Word;

    /// <summary>
    /// The cure of a misspelt word: the known one fewest edits away, or all of them where none is near.
    /// </summary>
    public static string CureOf(string text, IReadOnlyCollection<string> known)
    {
        var lower = text.ToLowerInvariant();
        var nearest = known.MinBy(
            word => word.StartsWith(lower, StringComparison.Ordinal) ? 0 : Distance(lower, word))!;
        return nearest.StartsWith(lower, StringComparison.Ordinal)
            || Distance(lower, nearest) <= Math.Max(2, lower.Length / 3)
            ? $"did you mean '{nearest}'?"
            : $"there are {string.Join(", ", known)}";
    }

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        foreach (var (i, c) in a.Index())
        {
            var current = new int[b.Length + 1];
            current[0] = i + 1;
            for (var j = 0; j < b.Length; j++)
                current[j + 1] = Math.Min(
                    Math.Min(current[j], previous[j + 1]) + 1, previous[j] + (c == b[j] ? 0 : 1));
            previous = current;
        }
        return previous[^1];
    }
}
