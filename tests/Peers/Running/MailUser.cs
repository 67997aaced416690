using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>
/// The unprivileged user who owns the mailboxes and as whom every program delivers. Exim gives up root when it runs
/// with a configuration of its own, so it is Exim's user.
/// </summary>
internal sealed record MailUser(string Name, uint Uid, uint Gid)
{
    public static MailUser Delivery { get; } = Find("Debian-exim");

    /// <summary>What has to stand before a command to run it as this user.</summary>
    public string[] Prefix => ["setpriv", $"--reuid={Uid}", $"--regid={Gid}", "--clear-groups"];

    public void Own(string path)
    {
        if (Syscall.lchown(path, Uid, Gid) != 0)
            throw new IOException($"lchown({path}) failed: {Stdlib.strerror(Stdlib.GetLastError())}");
    }

    private static MailUser Find(string name)
    {
        if (Syscall.geteuid() != 0)
            throw new InvalidOperationException("the peer tests run programs as several users: run them as root");
        var entry = Syscall.getpwnam(name)
            ?? throw new InvalidOperationException($"no user {name}: tests/run installs exim4-daemon-light");
        return new MailUser(name, entry.pw_uid, entry.pw_gid);
    }
}
