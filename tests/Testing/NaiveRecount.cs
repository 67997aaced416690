using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing;

/// <summary>
/// Counts a mailbox the slow and obvious way, with a process per directory: the second opinion on every scanner.
/// </summary>
public sealed class NaiveRecount
{
    private readonly CountingPolicy _policy;
    private Usage _usage;

    private NaiveRecount(CountingPolicy policy) => _policy = policy;

    /// <summary>The usage of the mailbox at <paramref name="root"/>.</summary>
    public static Usage Count(string root, CountingPolicy policy)
    {
        var recount = new NaiveRecount(policy);
        recount.AddFolder(Encoding.UTF8.GetBytes(root), isInbox: true);
        return recount._usage;
    }

    private void AddFolder(byte[] path, bool isInbox)
    {
        AddMessages([.. path, .. "/cur"u8]);
        AddMessages([.. path, .. "/new"u8]);
        if (!isInbox && !_policy.NestedFolders)
            return;
        foreach (var name in Names(path))
        {
            byte[] folder = [.. path, (byte)'/', .. name];
            if (name[0] == '.' && _policy.CountsFolder(name) && Posix.Stat(folder).Kind == EntryKind.Directory &&
                (_policy.FollowLinkedFolders || Posix.Stat(folder, follow: false).Kind == EntryKind.Directory))
                AddFolder(folder, isInbox: false);
        }
    }

    private void AddMessages(byte[] directory)
    {
        foreach (var name in Names(directory))
        {
            var sizing = MessageName.Read(name, _policy, out var bytes);
            if (sizing == MessageSizing.Named)
                _usage += new UsageDelta(bytes, 1);
            if (sizing != MessageSizing.NeedsStat)
                continue;

            byte[] path = [.. directory, (byte)'/', .. name];
            var stat = Posix.Stat(path);
            if (_policy.TrySize(stat, out bytes))
                _usage += new UsageDelta(bytes, 1);
            if (_policy.SubdirectoriesAsFolders && stat is { Exists: true, Kind: EntryKind.Directory })
                AddMessages(path);
        }
    }

    // find writes names as bytes; .NET would turn those that are not UTF-8 into something else.
    private static List<byte[]> Names(byte[] directory)
    {
        if (Posix.Stat(directory) is not { Exists: true, Kind: EntryKind.Directory })
            return [];
        string[] arguments = [".", "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\0"];
        using var find = Process.Start(new ProcessStartInfo("find", arguments)
        {
            WorkingDirectory = Encoding.UTF8.GetString(directory),
            RedirectStandardOutput = true,
        })!;
        using var output = new MemoryStream();
        find.StandardOutput.BaseStream.CopyTo(output);
        find.WaitForExit();

        var names = new List<byte[]>();
        ReadOnlySpan<byte> rest = output.ToArray();
        while (rest.IndexOf((byte)0) is >= 0 and var end)
        {
            names.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }

        return names;
    }
}
