using System.Globalization;
using System.Text;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>Puts the mailbox of a tree golden on disk. Names are bytes, so libc and not System.IO does it.</summary>
internal static class TreeBuilder
{
    public static string Build(IEnumerable<TreeCommand> commands, string directory)
    {
        var root = Path.Combine(directory, "Maildir");
        MakeMaildir(Encoding.UTF8.GetBytes(root));
        BuildIn(commands, root);
        return root;
    }

    public static void BuildIn(IEnumerable<TreeCommand> commands, string root)
    {
        foreach (var command in commands)
            Run(command, path => [.. Encoding.UTF8.GetBytes(root + "/"), .. path]);
    }

    private static void Run(TreeCommand command, Func<byte[], byte[]> below)
    {
        switch (command.Line.Word)
        {
            case "file":
                var size = Encoding.ASCII.GetString(command.Second);
                Posix.MakeFile(below(command.First), long.Parse(size, CultureInfo.InvariantCulture));
                break;
            case "dir":
                Posix.MakeDirectory(below(command.First));
                break;
            case "maildir":
                MakeMaildir(below(command.First));
                break;
            case "link":
                Posix.Link(below(command.First), below(command.Second));
                break;
            case "symlink":
                Posix.SymbolicLink(command.First, below(command.Second));
                break;
            case "fifo":
                Posix.MakeFifo(below(command.First));
                break;
            default:
                throw command.Line.Unknown();
        }
    }

    private static void MakeMaildir(byte[] path)
    {
        Posix.MakeDirectory(path);
        Posix.MakeDirectory([.. path, .. "/cur"u8]);
        Posix.MakeDirectory([.. path, .. "/new"u8]);
        Posix.MakeDirectory([.. path, .. "/tmp"u8]);
    }
}
