using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Cli.Demo;
using MaildirQuotaWatcher.Cli.Explain;
using MaildirQuotaWatcher.Cli.Inspect;

namespace MaildirQuotaWatcher.Cli;

/// <summary>What runs when a verb has been parsed. Tests put their own in. Immutable.</summary>
internal sealed record Verbs
{
    public Func<WatchOptions, CancellationToken, Task<int>> Watch { get; init; } = WatchCommand.RunAsync;
    public Func<RunOptions, CancellationToken, Task<int>> Run { get; init; } = RunCommand.RunAsync;
    public Func<InspectOptions, CancellationToken, Task<int>> Inspect { get; init; } = InspectCommand.RunAsync;
    public Func<RecalcOptions, CancellationToken, Task<int>> Recalc { get; init; } = RecalcCommand.RunAsync;
    public Func<DemoOptions, CancellationToken, Task<int>> Demo { get; init; } = DemoCommand.RunAsync;
    public Func<BenchOptions, CancellationToken, Task<int>> Bench { get; init; } = BenchCommand.RunAsync;
    public Func<ExplainOptions, CancellationToken, Task<int>> Explain { get; init; } = ExplainCommand.RunAsync;
    public Func<TestWarningOptions, CancellationToken, Task<int>> TestWarning { get; init; } =
        TestWarningCommand.RunAsync;
    public Func<RefreshOptions, CancellationToken, Task<int>> Refresh { get; init; } = RefreshCommand.RunAsync;
    public Func<StatusOptions, CancellationToken, Task<int>> Status { get; init; } = StatusCommand.RunAsync;
    public Func<CheckConfigOptions, CancellationToken, Task<int>> CheckConfig { get; init; } =
        CheckConfigCommand.RunAsync;
}
