using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>cp, mv, rm and rsync: the writers that never heard of <c>maildirsize</c>. As the delivery user.</summary>
internal static class FileCommands
{
    public static void Copy(string from, string to) => Run("cp", "--", from, to);

    public static void Move(string from, string to) => Run("mv", "--", from, to);

    public static void Remove(params string[] paths) => Run("rm", ["-f", "--", .. paths]);

    /// <summary>rsync -a of a directory's contents: a temporary dot-file beside the target, then a rename.</summary>
    public static void Synchronise(string from, string to, params string[] options) =>
        Run("rsync", ["-a", .. options, $"{from}/", $"{to}/"]);

    private static void Run(string program, params string[] arguments) =>
        new Command(program, arguments) { User = MailUser.Delivery }.Run();
}
