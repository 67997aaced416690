using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>A <c>new</c> or <c>cur</c> of a <see cref="SimulatedDisk"/>.</summary>
public sealed class SimulatedDirectory(string folder)
{
    public string Folder { get; } = folder;

    /// <summary>False until the daemon has heard of it: the kernel then says nothing of what happens in it.</summary>
    public bool IsWatched { get; set; }

    public Dictionary<string, SimulatedEntry> Entries { get; } = [];

    /// <summary>Counts it the slow and obvious way.</summary>
    /// <param name="policy">What counts.</param>
    /// <param name="roots">Where folders count; null for the policy's own.</param>
    /// <param name="root">The quota root that is counted.</param>
    public Usage Count(CountingPolicy policy, IFolderRoots? roots = null, int root = 0)
    {
        var usage = Usage.Zero;
        if ((roots ?? policy).RootOf(Encoding.Latin1.GetBytes(Folder)) != root)
            return usage;
        foreach (var entry in Entries.Values)
            usage += SizeOf(entry.Name, entry.File, policy);
        return usage;
    }

    /// <summary>What one message adds, by a policy.</summary>
    public static UsageDelta SizeOf(string name, SimulatedInode file, CountingPolicy policy) =>
        MessageName.Read(Encoding.Latin1.GetBytes(name), policy, out var bytes) switch
        {
            MessageSizing.Named => new UsageDelta(bytes, 1),
            MessageSizing.NeedsStat when policy.TrySize(file.Stat, out bytes) => new UsageDelta(bytes, 1),
            _ => default,
        };
}
