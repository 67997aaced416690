using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The library's help, and below it commands to copy.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in ExamplesOf(parseResult.CommandResult.Command))
            output.WriteLine($"  maildir-quota-watcher {example}");
        output.WriteLine();
        return code;
    }

    private static string[] ExamplesOf(Command command) => command.Name switch
    {
        "watch" =>
        [
            "watch ~/Maildir",
            "watch --limit 1G --create --warn 80,95 --exec /usr/local/bin/quota-warning ~/Maildir",
            "watch --observe --once /var/vmail/example.org/*/Maildir",
        ],
        "run" => ["run", "run --config ./test.conf"],
        "inspect" => ["inspect ~/Maildir", "inspect --json --counting dovecot /var/vmail/example.org/*/Maildir"],
        "recalc" => ["recalc ~/Maildir", "recalc --counting exim /var/vmail/example.org/rj/Maildir"],
        "check-config" => ["check-config", "check-config --config ./test.conf"],
        "explain" => ["explain rj@example.org", "explain /var/vmail/example.org/rj/Maildir"],
        "test-warning" => ["test-warning rj@example.org 80", "test-warning rj@example.org storage=95%"],
        "status" => ["status", "status --json"],
        "refresh" => ["refresh", "refresh rj@example.org"],
        "demo" => ["demo", "demo --seconds 30 --keep"],
        "bench" =>
        [
            "bench",
            "bench --mailboxes 1000 --messages 500 --peers",
            "bench --store /srv/mail/bench | tee bench.txt",
        ],
        _ => ["demo", "inspect ~/Maildir", "watch --limit 1G --create ~/Maildir", "check-config"],
    };
}
