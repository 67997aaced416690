using System.Diagnostics;
using System.Globalization;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// The same recount by ours and by the other programs that are installed, in random order in every round, so that none
/// has the warmer cache. Each leaves a fresh <c>maildirsize</c>, but for find, which only lists the names.
/// </summary>
internal sealed class BenchPeers : IDisposable
{
    private const int Rounds = 15;
    private const string Nobody = "65534";
    private static readonly string[] Places = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"];

    private readonly DirectoryInfo _private = Directory.CreateTempSubdirectory("maildir-quota-watcher-peers-");
    private readonly string _mailbox;
    private readonly BytePath _path;

    /// <param name="mailbox">Root of the mailbox to count; given to nobody when we are root.</param>
    public BenchPeers(string mailbox)
    {
        _mailbox = mailbox;
        _path = BytePath.FromString(mailbox);
    }

    public static IEnumerable<BenchRow> Compare(BenchStore store, CancellationToken stop)
    {
        using var peers = new BenchPeers(store.Mailboxes[0].Path);
        // Programs for users refuse to work as root: the store is lent to nobody.
        if (Environment.IsPrivilegedProcess && !Run("chown", "-R", Nobody + ":" + Nobody, store.Root))
            return [new BenchRow("recount by peers") { Remark = "not measured: chown failed" }];
        return peers.Compare(stop);
    }

    /// <summary>Path of a program; null when it is not installed.</summary>
    public static string? Find(string program) =>
        Places.Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists);

    public void Dispose() => _private.Delete(recursive: true);

    private static bool Run(string program, params string[] words)
    {
        if (Find(program) is not { } path)
            return false;
        var start = new ProcessStartInfo(path, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["USER"], start.Environment["HOME"]) = ("bench", Path.GetTempPath()); // doveadm wants to know
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.StandardOutput.BaseStream.CopyTo(Stream.Null);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>As nobody when we are root, else as ourselves.</summary>
    private static bool RunAsUser(string program, params string[] words) => Environment.IsPrivilegedProcess
        ? Run("setpriv", ["--reuid", Nobody, "--regid", Nobody, "--clear-groups", Find(program) ?? program, .. words])
        : Run(program, words);

    private BenchRow[] Compare(CancellationToken stop)
    {
        var configuration = Configure();
        var works = new (string Name, string Program, Func<bool> Do)[]
        {
            ("ours, in process", "", Ours),
            ("find -printf %f", "find", () => RunAsUser("find", _mailbox, "-type", "f", "-printf", "%f\\n")),
            ("maildirmake -q", "maildirmake", () =>
            {
                File.Delete(Path.Combine(_mailbox, "maildirsize"));
                return RunAsUser("maildirmake", "-q", $"{1L << 40}S", _mailbox);
            }),
            ("doveadm quota recalc", "doveadm", () => RunAsUser("doveadm", "-c", configuration, "quota", "recalc")),
        };
        var present = works.Where(work => work.Program.Length == 0 || Find(work.Program) is not null).ToArray();
        var times = present.ToDictionary(work => work.Name, _ => new List<double>());
        var failed = new HashSet<string>();
        for (var round = -1; round < Rounds; round++)
        {
            Random.Shared.Shuffle(present);
            foreach (var (name, _, act) in present)
            {
                stop.ThrowIfCancellationRequested();
                var since = Stopwatch.GetTimestamp();
                if (!act())
                    failed.Add(name);
                if (round >= 0) // The round before the first is for warming up.
                    times[name].Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
        }

        return [.. works.Select(work => Row(work.Name, times, failed))];
    }

    private static BenchRow Row(string name, Dictionary<string, List<double>> times, HashSet<string> failed)
    {
        var row = new BenchRow("recount one mailbox: " + name);
        if (!times.TryGetValue(name, out var all))
            return row with { Remark = "not installed" };
        if (failed.Contains(name))
            return row with { Remark = "failed, not measured" };
        all.Sort();
        var ours = times["ours, in process"].Order().ElementAt(Rounds / 2);
        var ratio = (all[Rounds / 2] / ours).ToString("N1", CultureInfo.InvariantCulture);
        var remark = row.Work.Contains("ours", StringComparison.Ordinal)
            ? $"median of {Rounds} rounds" : $"{ratio} times ours, its start included";
        return row with { Operations = Rounds, Latencies = [.. all], Remark = remark };
    }

    private bool Ours()
    {
        if (MailboxDirectory.Find(_path, followLinks: false, out _) is not { } directory)
            return false;
        var root = directory.Open(out _);
        if (root < 0)
            return false;
        var seen = LedgerFile.Read(root, _path, 0);
        var usage = new MailboxCounter(CountingPolicy.MaildirPlusPlus, root, directory.Owner).Total();
        var header = new QuotaLimit(1L << 40, 0);
        var written = usage is { } counted && LedgerFile.Replace(
            root, _path, seen, System.Text.Encoding.ASCII.GetBytes($"{header.Bytes}S"), counted, insist: true)
            .Outcome == Ports.LedgerOutcome.Written;
        Files.Close(root);
        return written;
    }

    private string Configure()
    {
        var path = Path.Combine(_private.FullName, "dovecot.conf");
        File.WriteAllText(path, $$"""
            base_dir = {{_private.FullName}}
            state_dir = {{_private.FullName}}
            log_path = /dev/stderr
            protocols = imap
            ssl = no
            first_valid_uid = 1
            first_valid_gid = 1
            mail_location = maildir:{{_mailbox}}:INDEX=MEMORY
            mail_plugins = quota
            plugin {
              quota = maildir:User quota
              quota_rule = *:storage=1024G
            }
            namespace inbox {
              inbox = yes
            }

            """);
        if (Environment.IsPrivilegedProcess)
            Run("chown", "-R", Nobody + ":" + Nobody, _private.FullName);
        return path;
    }
}
