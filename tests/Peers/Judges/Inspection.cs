using System.Text.Json;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Judges;

/// <summary>What <c>maildir-quota-watcher inspect --json</c> says about one mailbox.</summary>
internal sealed record Inspection(
    string Path,
    bool Sound,
    (long Bytes, long Messages) Ledger,
    (long Bytes, long Messages) Mailbox)
{
    /// <summary>Inspects all in one run, keyed by path. Accepts one JSON array or one object per line.</summary>
    public static Dictionary<string, Inspection> Of(IEnumerable<MailboxFixture> mailboxes)
    {
        string[] arguments = ["inspect", "--json", .. mailboxes.Select(mailbox => mailbox.Maildir)];
        var output = new Command(Repository.DaemonBinary, arguments)
        {
            // 1: some mailbox drifts. The test decides what that means.
            ExpectedExits = new HashSet<int> { 0, 1, 3 },
        }.Run().Output.Trim();
        string[] documents = output.StartsWith('[')
            ? [output]
            : output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return documents.SelectMany(Parse).ToDictionary(inspection => inspection.Path);
    }

    private static List<Inspection> Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        IEnumerable<JsonElement> mailboxes = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
        return [.. mailboxes.Select(Read)];
    }

    private static Inspection Read(JsonElement mailbox)
    {
        var file = mailbox.GetProperty("maildirsize");
        return new Inspection(
            mailbox.GetProperty("path").GetString()!,
            file.GetProperty("sound").GetBoolean(),
            Usage(file.GetProperty("usage")),
            Usage(mailbox.GetProperty("mailbox")));
    }

    private static (long Bytes, long Messages) Usage(JsonElement usage) =>
        (usage.GetProperty("bytes").GetInt64(), usage.GetProperty("messages").GetInt64());
}
