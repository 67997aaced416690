using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>What <c>limits</c> was asked. Immutable.</summary>
internal sealed record LimitsOptions
{
    public int Mailboxes { get; init; } = 200;

    /// <summary>Of each mailbox, spread over INBOX and five folders.</summary>
    public int Messages { get; init; } = 3000;

    /// <summary>Messages of the mailbox that has very many.</summary>
    public int Giant { get; init; } = 500_000;

    /// <summary>Directories to watch in the test of that.</summary>
    public int Directories { get; init; } = 100_000;

    /// <summary>Drop the caches for the tests of that; root.</summary>
    public bool Cold { get; init; }

    /// <summary>Only what has this word in its name; null: all.</summary>
    public string? Only { get; init; }

    /// <summary>Where the stores are made.</summary>
    public string Place { get; init; } = Path.GetTempPath();

    public static LimitsOptions Read(Words words)
    {
        var usual = new LimitsOptions();
        return new LimitsOptions
        {
            Mailboxes = Number("--mailboxes", usual.Mailboxes),
            Messages = Number("--messages", usual.Messages),
            Giant = Number("--giant", usual.Giant),
            Directories = Number("--directories", usual.Directories),
            Cold = words.Has("--cold"),
            Only = words.Take("--only"),
            Place = words.Take("--store") ?? usual.Place,
        };

        int Number(string option, int otherwise) => words.Take(option) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
    }
}
