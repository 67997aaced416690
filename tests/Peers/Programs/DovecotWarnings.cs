using System.Diagnostics;
using MaildirQuotaWatcher.Peers.Running;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>
/// A whole Dovecot with <c>service quota-warning</c>: the script behind its socket writes its arguments down. Nothing
/// listens on the network.
/// </summary>
internal sealed class DovecotWarnings : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ScratchDirectory scratch = new();
    private readonly Process master;

    /// <param name="warnings">Values of quota_warning, quota_warning2, ...; <c>%</c> doubled.</param>
    public DovecotWarnings(params string[] warnings)
    {
        Directory.CreateDirectory(BaseDirectory);
        Directory.CreateDirectory(At("state"));
        scratch.Owned("home");
        File.WriteAllText(At("said"), "");
        File.SetUnixFileMode(At("said"), (UnixFileMode)0b110_110_110);
        File.WriteAllText(At("script"), $$"""
            #!/bin/sh
            { for a in "$@"; do printf '<%s>' "$a"; done; echo; } >> {{At("said")}}

            """);
        File.SetUnixFileMode(At("script"), (UnixFileMode)0b111_101_101);
        var user = MailUser.Delivery;
        File.WriteAllText(At("users"), $"{User}:{{PLAIN}}x:{user.Uid}:{user.Gid}::{At("home")}::\n");
        File.SetUnixFileMode(At("users"), (UnixFileMode)0b110_100_100);
        File.WriteAllText(Configuration, Text(warnings));

        master = Process.Start(new ProcessStartInfo("dovecot", ["-F", "-c", Configuration]))!;
        if (Poll.Until(() => File.Exists(Socket) && File.Exists(Path.Combine(BaseDirectory, "auth-userdb")), StartLimit))
            return;
        var log = Log;
        Dispose();
        throw new InvalidOperationException($"dovecot did not start\n{log}");
    }

    /// <summary>The only account; its limit is 100 KiB.</summary>
    public static string User => "u1@peers.test";

    public string BaseDirectory => At("run");

    public string Socket => Path.Combine(BaseDirectory, "quota-warning");

    /// <summary>One line a run of the script, each argument in angle brackets.</summary>
    public string[] Said => File.ReadAllLines(At("said"));

    public string Log => File.Exists(At("log")) ? File.ReadAllText(At("log")) : "no log";

    private string Configuration => At("dovecot.conf");

    /// <summary>Delivers with dovecot-lda, which warns by itself.</summary>
    public void Deliver(byte[] letter) =>
        (new Command("/usr/lib/dovecot/dovecot-lda", "-c", Configuration, "-d", User, "-f", "a@peers.test")
            with { Input = letter }).Run();

    /// <summary>Delivers to another mailbox with dovecot-lda and without its quota plugin.</summary>
    public void DeliverWithoutQuota(Mailboxes.MailboxFixture mailbox, byte[] letter) =>
        (new Command("/usr/lib/dovecot/dovecot-lda", "-c", Configuration, "-o", "mail_plugins=", "-o", "log_path=/dev/stderr", "-f", "a@peers.test") with
        {
            Input = letter,
            User = MailUser.Delivery,
            Environment = new Dictionary<string, string> { ["HOME"] = mailbox.Home, ["USER"] = mailbox.Name },
        }).Run();

    /// <summary>Removes every message, through Dovecot.</summary>
    public void Expunge() =>
        new Command("doveadm", "-c", Configuration, "expunge", "-u", User, "mailbox", "INBOX", "all").Run();

    /// <summary>The account's Maildir.</summary>
    public string Mailbox => Path.Combine(At("home"), "Maildir");

    public void Dispose()
    {
        if (!master.HasExited && Syscall.kill(master.Id, Signum.SIGTERM) == 0)
            master.WaitForExit(StartLimit);
        master.Dispose();
        scratch.Dispose();
    }

    private string At(string name) => Path.Combine(scratch.Location, name);

    private string Text(string[] warnings) => $$"""
        base_dir = {{BaseDirectory}}
        state_dir = {{At("state")}}
        instance_name = peers
        log_path = {{At("log")}}
        protocols =
        ssl = no
        first_valid_uid = 1
        first_valid_gid = 1
        mail_uid = {{MailUser.Delivery.Uid}}
        mail_gid = {{MailUser.Delivery.Gid}}
        mail_location = maildir:~/Maildir
        mail_plugins = quota
        lda_mailbox_autocreate = yes
        postmaster_address = postmaster@peers.test
        hostname = peers.test
        passdb {
          driver = passwd-file
          args = {{At("users")}}
        }
        userdb {
          driver = passwd-file
          args = {{At("users")}}
        }
        namespace inbox {
          inbox = yes
          separator = /
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
        service quota-warning {
          executable = script {{At("script")}} fixed
          user = nobody
          unix_listener quota-warning {
            mode = 0666
          }
        }
        plugin {
          quota = maildir:User quota
          quota_rule = *:storage=100K
          {{string.Join("\n  ", warnings.Select((text, i) => $"quota_warning{(i == 0 ? "" : i + 1)} = {text}"))}}
        }

        """;
}
