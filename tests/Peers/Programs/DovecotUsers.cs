using System.Diagnostics;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>
/// Dovecot with its master process, for dovecot-lda's option <c>-d</c>: it looks the user up in a userdb through a
/// socket. No protocol listens. On request with a quota-warning service, started by the quota plugin at 80 %.
/// </summary>
internal sealed class DovecotUsers : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly Process master;
    private readonly string user;
    private readonly string configuration;

    /// <param name="mailbox">Of that user.</param>
    /// <param name="warning">What the script service runs; null for no warnings.</param>
    /// <param name="user">Null for <c>NAME@peers.test</c>.</param>
    /// <param name="fields">His extra fields, separated by blanks.</param>
    /// <param name="plugin">Further lines of the plugin section.</param>
    public DovecotUsers(
        MailboxFixture mailbox, string? warning = null, string? user = null, string fields = "", string plugin = "")
    {
        this.user = user ?? $"{mailbox.Name}@peers.test";
        configuration = Path.Combine(scratch.Location, "dovecot.conf");
        File.WriteAllText(
            configuration, Text() + $"plugin {{\n{plugin}\n}}\n" + (warning is null ? "" : Service(warning)));
        File.WriteAllText(
            UsersFile,
            $"{this.user}::{MailUser.Delivery.Uid}:{MailUser.Delivery.Gid}::{mailbox.Home}::{fields}\n");
        Lda = $"/usr/lib/dovecot/dovecot-lda -c {configuration}";
        master = Process.Start(new ProcessStartInfo("dovecot", ["-F", "-c", configuration])
        {
            RedirectStandardError = true,
        })!;
        var socket = Path.Combine(scratch.Location, "run/auth-userdb");
        if (Poll.Until(() => File.Exists(socket), TimeSpan.FromSeconds(60)))
            return;
        Dispose();
        throw new InvalidOperationException($"dovecot made no {socket}");
    }

    /// <summary>The delivery program and its options, separated by blanks.</summary>
    public string Lda { get; }

    /// <summary>Of passdb and userdb: Dovecot's passwd-file.</summary>
    public string UsersFile => Path.Combine(scratch.Location, "users");

    public void Deliver(byte[] letter)
    {
        var words = Lda.Split(' ');
        new Command(words[0], [.. words[1..], "-d", user]) { Input = letter }.Run();
    }

    public void Recalculate() => new Command("doveadm", "-c", configuration, "quota", "recalc", "-u", user).Run();

    /// <summary>Everything Dovecot and its scripts said.</summary>
    public string Log() => File.ReadAllText(Path.Combine(scratch.Location, "log"));

    public void Dispose()
    {
        if (Syscall.kill(master.Id, Signum.SIGTERM) == 0)
            master.WaitForExit();
        master.Dispose();
        scratch.Dispose();
    }

    private static string Service(string script) => $$"""
        service quota-warning {
          executable = script {{script}}
          user = root
          vsz_limit = 4G
          unix_listener quota-warning {
            mode = 0666
          }
        }
        plugin {
          quota_warning = storage=80%% quota-warning 80 %u
        }

        """;

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
