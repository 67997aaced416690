using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// Quota roots and folders. Only the user's own root has a running total; the others are added up from the directories
/// when somebody asks.
/// </summary>
public sealed partial class MailboxIndex
{
    /// <summary>True when some folder belongs elsewhere than by the policy alone.</summary>
    public bool HasFolderRules
    {
        get
        {
            foreach (var tally in _directories)
                if (tally.Folder.Counted != policy.CountsFolder(tally.Folder.Name))
                    return true;
            return false;
        }
    }

    /// <summary>Usage of one quota root, saturating at 2^63-1 bytes; see <see cref="IFolderRoots"/>.</summary>
    public Usage TotalOf(int root)
    {
        if (root == 0)
            return Total;
        var (bytes, messages) = ((Int128)0, 0L);
        foreach (ref readonly var tally in CollectionsMarshal.AsSpan(_directories))
            if (tally.Folder.Root == root)
                (bytes, messages) = (bytes + tally.Bytes, messages + tally.Usage.Messages);
        return Saturated(bytes, messages);
    }

    /// <summary>
    /// Usage of the roots beside the user's own, that of root n at n-1. Null when no folder has belonged to one;
    /// shorter than there are roots when the last have no folder here.
    /// </summary>
    public Usage[]? OtherTotals()
    {
        if (_otherRoots == 0)
            return null;
        var totals = new Usage[_otherRoots];
        for (var root = 1; root <= _otherRoots; root++)
            totals[root - 1] = TotalOf(root);
        return totals;
    }

    /// <summary>The rules have changed: assigns every directory its folder anew. Nothing is counted again.</summary>
    /// <param name="folderOf">
    /// The folder of the same name by the new rules; one object for all directories of a folder.
    /// </param>
    /// <returns>False when every directory belongs to the root it belonged to.</returns>
    public bool Reassign(Func<MaildirFolder, MaildirFolder> folderOf)
    {
        var changed = false;
        (_bytes, _messages, _otherRoots) = (0, 0, 0);
        foreach (ref var tally in CollectionsMarshal.AsSpan(_directories))
        {
            var folder = folderOf(tally.Folder);
            changed |= (folder.Root, folder.Counted) != (tally.Folder.Root, tally.Folder.Counted);
            tally.Folder = folder;
            _otherRoots = Math.Max(_otherRoots, folder.Root);
            if (folder.Counted)
                (_bytes, _messages) = (_bytes + tally.Bytes, _messages + tally.Usage.Messages);
        }

        return changed;
    }

    /// <summary>The folders that hold most bytes, largest first, whether they count or not; empty ones never.</summary>
    /// <param name="most">So many at most.</param>
    /// <returns>Name for people (<see cref="MaildirFolder.Display"/>) and usage.</returns>
    public IReadOnlyList<(string Folder, Usage Usage)> LargestFolders(int most)
    {
        var sums = new Dictionary<MaildirFolder, (Int128 Bytes, long Messages)>(ReferenceEqualityComparer.Instance);
        foreach (ref readonly var tally in CollectionsMarshal.AsSpan(_directories))
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, tally.Folder, out _);
            sum = (sum.Bytes + tally.Bytes, sum.Messages + tally.Usage.Messages);
        }

        return
        [
            .. sums.Where(static entry => entry.Value.Messages > 0)
                .OrderByDescending(static entry => entry.Value.Bytes)
                .Take(most)
                .Select(static entry => (entry.Key.Display, Saturated(entry.Value.Bytes, entry.Value.Messages))),
        ];
    }

    private static Usage Saturated(Int128 bytes, long messages) =>
        new((long)Int128.Min(bytes, long.MaxValue), messages);
}
