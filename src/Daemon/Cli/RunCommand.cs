using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Users;
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
        // One that comes before the service is there must not end the process, nor be lost.
        var hangups = 0;
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            hangups++;
        });
        var file = Path.GetFullPath(options.ConfigFile);
        var remarks = new List<ConfigError>();
        var (settings, errors) = SettingsFile.Load(file, static name => Accounts.Find(name) is not null, remarks);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        if (errors.Count > 0)
            return ExitCode.BadUsage;

        var level = new LoggingLevelSwitch(Logging.LevelOf(settings.Log.Level));
        var log = Logging.ForRun(level);
        await using var _ = log.ConfigureAwait(false);
        Log.Logger = log;
        foreach (var remark in remarks)
            Log.Information("{Remark:l}", EscapingText.Escape(remark.ToString()));
        try
        {
            return await RunAsync(file, settings, level, log, () => hangups > 0, stop).ConfigureAwait(false);
        }
        catch (StateException problem)
        {
            Log.Fatal("{Problem}", problem.Message);
            return ExitCode.Failed;
        }
    }

    private static async Task<int> RunAsync(
        string file, Settings settings, LoggingLevelSwitch level, Logger log, Func<bool> mustReload,
        CancellationToken stop)
    {
        using var alone = StateLock.TryTake(settings.State.Directory, out var other);
        if (alone is null)
        {
            Log.Fatal("{Problem}", other);
            return ExitCode.Failed;
        }

        var options = OptionsOf(settings.Warnings);
        var store = WarningStore.Open(settings.State.Directory, log);
        var warnings = new WarningService(WatcherService.WarningsOf(settings), options, store, log);
        await using var __ = warnings.ConfigureAwait(false);
        var limits = LimitsOf(settings, log);
        await using var ___ = limits.ConfigureAwait(false);
        var flags = FlagKeeper.Of(settings, options, limits, []);
        var sink = new QuotaSink(WatcherService.QuotasOf(settings, limits), warnings, flags);
        await using var ____ = sink.ConfigureAwait(false);
        using var totals = TotalsStore.Open(settings.State.Directory, log);
        using var watch = MailWatch.Start(OptionsOf(settings, sink, totals), out var obstacle);
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
            file, settings, watch, warnings, limits, sink, totals,
            new ControlAnswers(settings, watch, limits, sink, store), level, SystemdNotifier.FromEnvironment());
        if (mustReload())
            service.Reload();
        builder.Services.AddSingleton<IHostedService>(service);
        using var host = builder.Build();
        await host.RunAsync(stop).ConfigureAwait(false);
        return service.ExecuteTask is { IsFaulted: true } ? ExitCode.Failed : ExitCode.Fine;
    }

    /// <summary>How commands are run, as the configuration says.</summary>
    internal static WarningOptions OptionsOf(WarningSettings settings) => new()
    {
        TimeLimit = settings.TimeLimit,
        Concurrent = settings.Concurrent,
        User = settings.User,
        PerMinute = settings.PerMinute,
        QuietHours = settings.QuietHours,
        Hysteresis = settings.Hysteresis,
        Remind = settings.Remind,
        Choice = settings.Choice,
        BaseDirectory = settings.BaseDirectory,
    };

    private static LimitService LimitsOf(Settings settings, Logger log) => new(
        [.. settings.Limits.Sources.Select(source => source.Create(log))],
        new LimitStore(settings.State.Directory, log),
        new LimitOptions { Refresh = settings.Limits.Refresh }, log);

    private static MailWatchOptions OptionsOf(Settings settings, QuotaSink sink, TotalsStore totals) => new()
    {
        Accounting = new AccountantOptions
        {
            Policy = WatcherService.PolicyOf(settings),
            Settle = settings.Watching.Settle,
            Observe = settings.Watching.Mode == WatchMode.Observe,
            Create = settings.Quota.Create,
        },
        RulesOf = user => sink.Quotas.Of(user).Mailbox,
        Workers = settings.Watching.Workers,
        Background = true,
        ScanRate = settings.Scanning.Rate,
        Source = MailWatchOptions.SourceOf(settings.Watching.Source),
        Totals = totals,
        PollEvery = settings.Watching.Poll,
        Sinks = [new ChangeReporter(quietStart: true), sink],
    };
}
