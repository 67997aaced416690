using System.Diagnostics;
using System.Globalization;
using MaildirQuotaWatcher.Benchmarks.Service;
using MaildirQuotaWatcher.Linux;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// The programs administrators recount with today, as far as they are installed, on our stores; with configurations of
/// their own, so that nothing of the system's is touched. Needs root: each runs as the owner of the mailboxes. A run is
/// the whole program, its start included, as it is in real life.
/// </summary>
/// <remarks>The recipes are those of facts/limits.md, section 4: without a master process doveadm recounts one user, the
/// one it runs as; all users need a Dovecot that knows them, which is started here and ended by its process id.</remarks>
internal sealed class PeerPrograms : IDisposable
{
    private const string Letter = "From: a@bench\nTo: b@bench\nSubject: bench\n\nOne.\n";

    private readonly string _scratch;
    private readonly Account _owner;
    private Process? _dovecot;

    /// <param name="scratch">Directory of its own, which anybody may enter.</param>
    public PeerPrograms(string scratch)
    {
        _scratch = Directory.CreateDirectory(scratch).FullName;
        _owner = Accounts.Find("Debian-exim") ?? Accounts.Find("nobody")!;
        foreach (var name in (ReadOnlySpan<string>)["run", "state", "spool", "log"])
            Directory.CreateDirectory(Path.Combine(_scratch, name));
    }

    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin")
        .Split(':').Any(place => File.Exists(Path.Combine(place, program)));

    /// <summary>The mailboxes become the owner's.</summary>
    public void Give(params IEnumerable<Tree> trees)
    {
        foreach (var tree in trees)
            Tools.Run("chown", "-R", Owner, tree.Root);
        Tools.Run("chown", "-R", Owner, _scratch);
    }

    /// <summary><c>doveadm quota recalc</c> of every mailbox of the store, by one process.</summary>
    public Func<Reading> DoveadmAll(Tree tree)
    {
        var users = Path.Combine(_scratch, "users");
        File.WriteAllLines(users, tree.Mailboxes.Select(mailbox =>
            $"{UserOf(mailbox)}:{{PLAIN}}x:{_owner.Uid}:{_owner.Gid}::{Path.GetDirectoryName(mailbox)}::"));
        var configuration = Configure("all.conf", $$"""
            passdb {
              driver = passwd-file
              args = {{users}}
            }
            userdb {
              driver = passwd-file
              args = {{users}}
            }
            """);
        _dovecot = Process.Start("dovecot", ["-F", "-c", configuration]);
        var socket = Path.Combine(_scratch, "run/auth-userdb");
        for (var tries = 0; !File.Exists(socket); tries++)
        {
            if (tries > 100)
                throw new IOException("the private dovecot does not start");
            Thread.Sleep(100);
        }

        return Timed(() => Tools.Run("doveadm", "-c", configuration, "quota", "recalc", "-u", "m*"));
    }

    public Func<Reading> Doveadm(string mailbox)
    {
        var configuration = Configure(UserOf(mailbox) + ".conf", "");
        return Timed(() => Tools.Run("env", [
            "HOME=" + Path.GetDirectoryName(mailbox), "USER=" + UserOf(mailbox), .. AsOwner(),
            "doveadm", "-c", configuration, "quota", "recalc",
        ]));
    }

    public Func<Reading> Maildirmake(string mailbox) => Timed(() =>
    {
        File.Delete(Path.Combine(mailbox, "maildirsize"));
        Tools.Run("env", [.. AsOwner(), "maildirmake", "-q", $"{1L << 40}S", mailbox]);
    });

    public Func<Reading> Find(Tree tree) => Timed(() => Tools.Run("find", tree.Root, "-type", "f", "-printf", "%f\n"));

    public Func<Reading> Du(Tree tree) => Timed(() => Tools.Run("du", "-s", "--apparent-size", tree.Root));

    /// <summary>What a delivery by Exim takes longer when it has to recount: a message more in the mailbox.</summary>
    public Func<Reading> EximRecount(string mailbox)
    {
        var configuration = Path.Combine(_scratch, UserOf(mailbox) + ".exim");
        File.WriteAllText(configuration, EximText(mailbox));
        return () =>
        {
            // The first makes it count, or finds out that there is nothing to count.
            File.Delete(Path.Combine(mailbox, "maildirsize"));
            var with = Deliver();
            return new Timing(with - Deliver(), 0);
        };

        double Deliver()
        {
            var since = Stopwatch.GetTimestamp();
            var start = new ProcessStartInfo(
                "exim4", ["-C", configuration, "-odi", "-oi", "-f", "a@bench", "box@bench"]) { RedirectStandardInput = true };
            using var exim = Process.Start(start)!;
            exim.StandardInput.Write(Letter);
            exim.StandardInput.Close();
            exim.WaitForExit();
            return exim.ExitCode == 0 && File.Exists(Path.Combine(mailbox, "maildirsize"))
                ? Stopwatch.GetElapsedTime(since).TotalMicroseconds
                : throw new InvalidOperationException("exim4 did not deliver; see its log");
        }
    }

    /// <summary>inotifywait until it says that its watches are set.</summary>
    public Func<Reading> Inotifywait(Tree tree) => () =>
    {
        var since = Stopwatch.GetTimestamp();
        using var process = Process.Start(
            new ProcessStartInfo("inotifywait", ["-m", "-r", tree.Root]) { RedirectStandardError = true })!;
        while (process.StandardError.ReadLine() is { } line && !line.Contains("established", StringComparison.Ordinal)) { }
        var took = Stopwatch.GetElapsedTime(since).TotalMicroseconds;
        process.Kill();
        process.WaitForExit();
        return new Timing(took, 0);
    };

    public void Dispose()
    {
        if (_dovecot is { HasExited: false })
        {
            Syscall.kill(_dovecot.Id, Signum.SIGTERM);
            _dovecot.WaitForExit();
        }

        _dovecot?.Dispose();
    }

    private string Owner => string.Create(CultureInfo.InvariantCulture, $"{_owner.Uid}:{_owner.Gid}");

    private string[] AsOwner() =>
    [
        "setpriv", "--reuid", _owner.Uid.ToString(CultureInfo.InvariantCulture),
        "--regid", _owner.Gid.ToString(CultureInfo.InvariantCulture), "--clear-groups",
    ];

    private static string UserOf(string mailbox) => Path.GetFileName(Path.GetDirectoryName(mailbox)!);

    private static Func<Reading> Timed(Action run) => () =>
    {
        var since = Stopwatch.GetTimestamp();
        run();
        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, 0);
    };

    private string Configure(string name, string more)
    {
        var path = Path.Combine(_scratch, name);
        File.WriteAllText(path, $$"""
            base_dir = {{_scratch}}/run
            state_dir = {{_scratch}}/state
            log_path = {{_scratch}}/log/dovecot.log
            protocols =
            ssl = no
            first_valid_uid = 1
            first_valid_gid = 1
            mail_location = maildir:%h/Maildir:INDEX=MEMORY
            mail_plugins = quota
            plugin {
              quota = maildir:User quota
              quota_rule = *:storage=1024G
            }
            namespace inbox {
              inbox = yes
            }
            service stats {
              unix_listener stats-writer {
                mode = 0666
              }
            }
            {{more}}

            """);
        return path;
    }

    private string EximText(string mailbox) => $$$"""
        keep_environment =
        log_selector = -all
        spool_directory = {{{_scratch}}}/spool
        log_file_path = {{{_scratch}}}/log/%slog
        pid_file_path = {{{_scratch}}}/exim.pid
        deliver_drop_privilege = true
        primary_hostname = bench
        qualify_domain = bench
        never_users =
        begin routers
        here:
          driver = accept
          transport = maildir
        begin transports
        maildir:
          driver = appendfile
          directory = {{{mailbox}}}
          create_directory = false
          maildir_format
          maildir_use_size_file
          maildir_tag = ,S=$message_size
          quota = 1024G
          quota_size_regex = ,S=(\d+)
          user = {{{_owner.Name}}}
          group = {{{_owner.Gid}}}
          mode_fail_narrower = false
        begin retry
        * * F,1h,1m

        """;
}
