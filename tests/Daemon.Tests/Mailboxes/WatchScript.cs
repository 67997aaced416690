using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Goldens;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>
/// Runs one case of <c>tests/Goldens/watch</c>: shell lines beside a live watch, then what must have come of them. Words
/// are explained in <c>tests/Goldens/README.md</c>.
/// </summary>
internal sealed class WatchScript(GoldenCase golden, SourceChoice source) : IDisposable
{
    private static readonly string[] Words =
        ["policy", "limit", "before", "$", "usage", "ledger", "lines", "replaced", "problem", "quiet"];

    /// <summary>What the shell lines may use besides the shell. Names are unique, or as old as they say.</summary>
    private const string Prelude = """
        set -e
        shopt -s nullglob dotglob
        n=${N:-0}
        now=$(date +%s)
        maildir() { for d in "$@"; do mkdir -p "$d/tmp" "$d/new" "$d/cur"; done; }
        fill() { head -c "$1" /dev/zero; }
        # deliver BYTES [FOLDER]: by rename, as most do, with the size in the name
        deliver() { n=$((n+1)); f=$now.M${n}P$$.host,S=$1; fill "$1" > "${2:-.}/tmp/$f"; mv "${2:-.}/tmp/$f" "${2:-.}/new/$f"; }
        # message BYTES NAME: NAME with that content
        message() { fill "$1" > "$2"; }
        # flag FILE FLAGS: as an IMAP server does, new to cur included
        flag() { d=$(dirname "$1"); b=$(basename "$1"); mv "$1" "$(dirname "$d")/cur/${b%%:*}:2,$2"; }
        # fence: waits until the daemon has taken in everything until now
        fence() { echo fence; read; }
        append() { printf '%s\n' "$*" >> maildirsize; }
        # replace TEXT: the ledger by rename, as programs do
        replace() { printf "$1" > tmp/replacing; mv tmp/replacing maildirsize; }
        """;

    private readonly ScratchDirectory _directory = new();
    private readonly StringBuilder _shell = new();
    private LiveWatch? _live;
    private int _runs;

    private string Root => Path.Combine(_directory.FullName, "Maildir");

    public void Run()
    {
        golden.Allow(Words);
        LiveWatch.MakeMaildir(Root);
        foreach (var line in golden.Lines.Where(line => line.Word == "before"))
            Shell(line.Value);
        var column = golden.Optional("policy")?.Value ?? "maildir++";
        var limit = golden.Optional("limit")?.Usage;
        _live = new LiveWatch(
            LiveWatch.Counting(PolicyColumn.Policy(column), source) with
            {
                Limit = limit is { } given ? new QuotaLimit(given.Bytes, given.Messages) : null,
            },
            Root);

        foreach (var (number, line) in golden.Lines.Index())
        {
            if (line.Word == "$")
            {
                _shell.Append(line.Value).Append('\n');
            }
            else if (line.Word is not ("before" or "policy" or "limit"))
            {
                Do(golden.Lines.Skip(number).TakeWhile(each => each.Word != "$").Any(IsAboutLines));
                Check(line, PolicyColumn.Policy(column));
            }
        }
    }

    /// <summary>What it says depends on how many changes the daemon took the shell lines for.</summary>
    private static bool IsAboutLines(GoldenLine line) => line.Word is "ledger" or "lines" or "quiet";

    public void Dispose()
    {
        _live?.Dispose();
        _directory.Dispose();
    }

    /// <summary>Lines between two expectations run in one shell, as fast as it can.</summary>
    /// <param name="atOnce">They are one change to the daemon; else it comes in between as it happens.</param>
    private void Do(bool atOnce)
    {
        if (_shell.Length == 0)
            return;
        using (atOnce ? _live!.Hold() : null)
            Shell(_shell.ToString());
        _shell.Clear();
        _live!.Settle();
    }

    private void Check(GoldenLine line, CountingPolicy policy)
    {
        switch (line.Word)
        {
            case "usage":
                _live!.WaitUntil(Root, line.Usage);
                Assert.Equal(line.Usage, NaiveRecount.Count(Root, policy));
                break;
            case "ledger":
                LiveWatch.WaitFor(() => LiveWatch.LedgerText(Root) == line.Value,
                    () => $"{line.Where}: expected {line.Value}, is {LiveWatch.LedgerText(Root)}");
                break;
            case "lines":
                Assert.Equal(line.Number, File.ReadAllLines(Path.Combine(Root, "maildirsize")).Length - 1);
                break;
            case "replaced":
                LiveWatch.WaitFor(
                    () => _live!.Changes(Root).Any(change => change.Reason == line.Reason),
                    () => $"{line.Where}: never replaced for that reason\n{string.Join("\n", _live!.Changes(Root))}");
                break;
            case "problem":
                _live!.WaitForProblem(Root, line.Value);
                break;
            default:
                Assert.DoesNotContain(_live!.Changes(Root),
                    change => change.Action is LedgerAction.Appended or LedgerAction.Replaced);
                break;
        }
    }

    private void Shell(string lines)
    {
        var start = new ProcessStartInfo("bash", ["-c", Prelude + "\ncd ..; cd Maildir\n" + lines])
        {
            WorkingDirectory = Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["N"] = $"{++_runs * 1000}", ["LC_ALL"] = "C" },
        };
        using var shell = Process.Start(start)!;
        var errors = shell.StandardError.ReadToEndAsync();
        while (shell.StandardOutput.ReadLine() is { } said)
        {
            Assert.Equal("fence", said);
            _live!.Settle();
            shell.StandardInput.WriteLine();
        }

        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, $"{golden.Where}: {golden.Id}: {errors.Result}");
    }
}
