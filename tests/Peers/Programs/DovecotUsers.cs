using System.Diagnostics;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>
/// Dovecot with its master process, for dovecot-lda's option <c>-d</c>: it looks the user up in a userdb through a
/// socket. No protocol listens.
/// </summary>
internal sealed class DovecotUsers : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly Process master;

    /// <param name="mailboxes">Each is user <c>NAME@peers.test</c>.</param>
    public DovecotUsers(params MailboxFixture[] mailboxes)
    {
        var configuration = Path.Combine(scratch.Location, "dovecot.conf");
        File.WriteAllText(configuration, Text());
        File.WriteAllLines(Path.Combine(scratch.Location, "users"), mailboxes.Select(mailbox =>
            $"{mailbox.Name}@peers.test::{MailUser.Delivery.Uid}:{MailUser.Delivery.Gid}::{mailbox.Home}::"));
        Lda = $"/usr/lib/dovecot/dovecot-lda -c {configuration}";
        master = Process.Start(new ProcessStartInfo("dovecot", ["-F", "-c", configuration])
        {
            RedirectStandardError = true,
        })!;
        var socket = Path.Combine(scratch.Location, "run/auth-userdb");
        if (!Poll.Until(() => File.Exists(socket), TimeSpan.FromSeconds(20)))
            throw new InvalidOperationException($"dovecot made no {socket}");
    }

    /// <summary>The delivery program and its options, separated by blanks.</summary>
    public string Lda { get; }

    public void Dispose()
    {
        if (Syscall.kill(master.Id, Signum.SIGTERM) == 0)
            master.WaitForExit();
        master.Dispose();
        scratch.Dispose();
    }

    private string Text() => $$"""
        base_dir = {{scratch.Location}}/run
        state_dir = {{scratch.Location}}/state
        instance_name = mqw-users
        log_path = {{scratch.Location}}/log
        protocols =
        ssl = no
        first_valid_uid = 1
        first_valid_gid = 1
        mail_location = maildir:~/Maildir
        mail_plugins = quota
        postmaster_address = postmaster@peers.test
        hostname = peers.test
        passdb {
          driver = passwd-file
          args = {{scratch.Location}}/users
        }
        userdb {
          driver = passwd-file
          args = {{scratch.Location}}/users
        }
        service auth {
          unix_listener auth-userdb {
            mode = 0666
          }
        }
        service stats {
          unix_listener stats-writer {
            mode = 0666
          }
        }
        plugin {
          quota = maildir:User quota
          quota_grace = 0
        }

        """;
}
