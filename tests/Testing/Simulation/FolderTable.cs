using System.Text;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>Folder rules as a table: the quota root of each folder named, 0 for the others.</summary>
public sealed class FolderTable(params (string Folder, int Root)[] rows) : IFolderRoots
{
    public int RootOf(ReadOnlySpan<byte> folderName)
    {
        foreach (var (folder, root) in rows)
            if (folderName.SequenceEqual(Encoding.Latin1.GetBytes(folder)))
                return root;
        return 0;
    }
}
