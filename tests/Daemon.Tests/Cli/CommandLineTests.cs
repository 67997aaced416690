using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Cli.Demo;
using MaildirQuotaWatcher.Cli.Inspect;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Daemon.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Watch_Everything_IsParsed()
    {
        var options = await ParseWatchAsync("watch", "@a", "b", "--limit", "100M", "--messages", "7", "--warn", "95,80%",
            "--exec", "/bin/sh -c \"x y\"", "--counting", "dovecot", "--trust-names", "no", "--settle", "1s", "--observe",
            "--once", "--create", "--state", "/s");
        Assert.NotNull(options);
        Assert.Equal(["@a", "b"], options.Mailboxes);
        Assert.Equal(new QuotaLimit(100 << 20, 7), options.Limit);
        Assert.Equal(["storage=80%", "storage=95%", "messages=80%", "messages=95%"], options.Thresholds.Select(t => t.Key));
        Assert.Equal(["/bin/sh", "-c", "x y"], options.Thresholds[0].Command);
        Assert.Equal((CountingChoice.Dovecot, false, TimeSpan.FromSeconds(1)),
            (options.Counting, options.TrustNames, options.Settle));
        Assert.True(options is { Observe: true, Once: true, Create: true, StateDirectory: "/s" });
    }

    [Fact]
    public async Task Watch_OnlyAMailbox_HasTheDefaults()
    {
        var options = await ParseWatchAsync("watch", "m");
        Assert.NotNull(options);
        Assert.Null(options.Limit);
        Assert.Empty(options.Thresholds);
        Assert.True(options is { TrustNames: true, Observe: false, Once: false, Create: false, StateDirectory: null });
        Assert.Equal(TimeSpan.FromMilliseconds(300), options.Settle);
    }

    [Fact]
    public async Task OtherVerbs_AreParsed()
    {
        InspectOptions? inspect = null;
        RecalcOptions? recalc = null;
        DemoOptions? demo = null;
        RunOptions? run = null;
        var verbs = new Verbs
        {
            Inspect = (o, _) => Keep(out inspect, o),
            Recalc = (o, _) => Keep(out recalc, o),
            Demo = (o, _) => Keep(out demo, o),
            Run = (o, _) => Keep(out run, o),
        };
        Assert.Equal(3, await CommandLine.RunAsync(["inspect", "--json", "--trust-names", "yes", "m", "n"], verbs, default));
        Assert.True(inspect is { Json: true, TrustNames: true, Mailboxes.Count: 2 });
        Assert.Equal(3, await CommandLine.RunAsync(["recalc", "--counting", "exim", "m"], verbs, default));
        Assert.Equal(CountingChoice.Exim, recalc!.Counting);
        Assert.Equal(3, await CommandLine.RunAsync(["demo", "--seconds", "5", "--keep"], verbs, default));
        Assert.Equal(new DemoOptions(TimeSpan.FromSeconds(5), true), demo);
        Assert.Equal(3, await CommandLine.RunAsync(["run"], verbs, default));
        Assert.Equal(Settings.DefaultPath, run!.ConfigFile);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("watch m --limit 1X")]
    [InlineData("watch m --messages x")]
    [InlineData("watch m --warn 80,0")]
    [InlineData("watch m --exec /bin/sh")]
    [InlineData("watch m --warn 80 --exec /nonexistent/w")]
    [InlineData("watch m --counting courier")]
    [InlineData("watch m --trust-names maybe")]
    [InlineData("watch m --settle 5")]
    [InlineData("watch m --bogus")]
    [InlineData("demo --seconds 99999999999")]
    [InlineData("recalc")]
    [InlineData("bogus")]
    [InlineData("")]
    public async Task BadUsage_IsExitCode2_AndRunsNothing(string arguments)
    {
        var verbs = new Verbs { Watch = (_, _) => Task.FromResult(0), Demo = (_, _) => Task.FromResult(0) };
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, await CommandLine.RunAsync(words, verbs, default));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("watch --help")]
    [InlineData("inspect --help")]
    [InlineData("--version")]
    public async Task Help_IsFine(string arguments) =>
        Assert.Equal(0, await CommandLine.RunAsync(arguments.Split(' '), new Verbs(), default));

    [Fact]
    public async Task Verb_ThatThrows_IsExitCode1_AndCancelled_Is0()
    {
        var failing = new Verbs { Run = (_, _) => throw new IOException("broken") };
        Assert.Equal(1, await CommandLine.RunAsync(["run"], failing, default));
        var waiting = new Verbs { Run = async (_, stop) => { await Task.Delay(-1, stop); return 1; } };
        using var cancel = new CancellationTokenSource(50);
        Assert.Equal(0, await CommandLine.RunAsync(["run"], waiting, cancel.Token));
    }

    private static async Task<WatchOptions?> ParseWatchAsync(params string[] arguments)
    {
        WatchOptions? options = null;
        Assert.Equal(3, await CommandLine.RunAsync(arguments, new Verbs { Watch = (o, _) => Keep(out options, o) }, default));
        return options;
    }

    private static Task<int> Keep<T>(out T kept, T given)
    {
        kept = given;
        return Task.FromResult(3);
    }
}
