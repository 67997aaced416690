using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Warnings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog.Core;
using Serilog;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>run</c>: builds the machine from the configuration and hands it to the service.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(RunOptions options, CancellationToken stop)
    {
        var file = Path.GetFullPath(options.ConfigFile);
        var (settings, errors) = SettingsFile.Load(file, static name => Accounts.Find(name) is not null);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        if (errors.Count > 0)
            return ExitCode.BadUsage;

        var level = new LoggingLevelSwitch(Logging.LevelOf(settings.Log.Level));
        var log = Logging.ForRun(level);
        await using var _ = log.ConfigureAwait(false);
        Log.Logger = log;
        try
        {
            return await RunAsync(file, settings, level, log, stop).ConfigureAwait(false);
        }
        catch (StateException problem)
        {
            Log.Fatal("{Problem}", problem.Message);
            return ExitCode.Failed;
        }
    }

    private static async Task<int> RunAsync(
        string file, Settings settings, LoggingLevelSwitch level, Logger log, CancellationToken stop)
    {
        using var alone = StateLock.TryTake(settings.State.Directory, out var other);
        if (alone is null)
        {
            Log.Fatal("{Problem}", other);
            return ExitCode.Failed;
        }

        var warnings = new WarningService(
            WatcherService.RulesOf(settings), OptionsOf(settings.Warnings),
            WarningStore.Open(settings.State.Directory, log), log);
        await using var __ = warnings.ConfigureAwait(false);
        using var totals = TotalsStore.Open(settings.State.Directory, log);
        using var watch = MailWatch.Start(OptionsOf(settings, warnings, totals), out var obstacle);
        if (watch is null)
        {
            Log.Fatal("{Problem}", obstacle);
            return ExitCode.Failed;
        }

        // Nothing of the host's defaults: its configuration would watch the content root, and all below, by itself.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            DisableDefaults = true,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Logging.AddSerilog(log);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        using var service = new WatcherService(
            file, settings, watch, warnings, totals, level, SystemdNotifier.FromEnvironment());
        builder.Services.AddSingleton<IHostedService>(service);
        using var host = builder.Build();
        await host.RunAsync(stop).ConfigureAwait(false);
        return service.ExecuteTask is { IsFaulted: true } ? ExitCode.Failed : ExitCode.Fine;
    }

    private static WarningOptions OptionsOf(WarningSettings settings) => new()
    {
        TimeLimit = settings.TimeLimit,
        Concurrent = settings.Concurrent,
        User = settings.User,
    };

    private static MailWatchOptions OptionsOf(
        Settings settings, WarningService warnings, TotalsStore totals) => new()
    {
        Accounting = new AccountantOptions
        {
            Policy = MailWatchOptions.PolicyOf(settings.Quota.Counting, settings.Quota.TrustNames),
            Settle = settings.Watching.Settle,
            Observe = settings.Watching.Mode == WatchMode.Observe,
            Create = settings.Quota.Create,
        },
        Limit = settings.Quota.Limit,
        Workers = settings.Watching.Workers,
        Background = true,
        ScanRate = settings.Scanning.Rate,
        Source = MailWatchOptions.SourceOf(settings.Watching.Source),
        Totals = totals,
        PollEvery = settings.Watching.Poll,
        Sinks = [new ChangeReporter(quietStart: true), new WarningSink(warnings)],
    };
}
