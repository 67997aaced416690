using System.Runtime.InteropServices;
using System.Threading.Channels;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;
using MaildirQuotaWatcher.Watching;
using Microsoft.Extensions.Hosting;
using Serilog.Core;
using Serilog;

namespace MaildirQuotaWatcher;

/// <summary>
/// The service: explores the configured locations, tells systemd when every mailbox has been judged, and then waits for
/// SIGHUP, for changes of the system's users, and for the end. The machine it steers is <see cref="RunCommand"/>'s.
/// </summary>
internal sealed class WatcherService : BackgroundService
{
    private const string Users = "/etc/passwd";

    private readonly string _file;
    private readonly MailWatch _watch;
    private readonly WarningService _warnings;
    private readonly LimitService _limits;
    private readonly QuotaSink _sink;
    private readonly TotalsStore _totals;
    private readonly ControlAnswers _answers;
    private readonly LoggingLevelSwitch _level;
    private readonly SystemdNotifier _systemd;
    private readonly StatusLine _status;
    // One of each kind at most: a wish that comes again before its turn is the same wish.
    private readonly Channel<bool> _wished = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
    });
    private readonly PosixSignalRegistration _hangup;
    private int _wishes;
    private readonly HashSet<string> _noticed = new(StringComparer.Ordinal);
    private Settings _settings;
    private (LocationPattern Pattern, Location[] Locations)[] _places = [];
    private bool _ready;

    public WatcherService(
        string file, Settings settings, MailWatch watch, WarningService warnings, LimitService limits, QuotaSink sink,
        TotalsStore totals, ControlAnswers answers, LoggingLevelSwitch level, SystemdNotifier systemd)
    {
        (_file, _settings, _watch, _warnings, _limits, _sink) = (file, settings, watch, warnings, limits, sink);
        (_totals, _answers, _level, _systemd) = (totals, answers, level, systemd);
        _answers.EmptyLocations = EmptyLocations;
        _status = new StatusLine(systemd, StatusText);
        _hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Reload();
        });
    }

    /// <summary>Has the configuration read again, as SIGHUP does; at once, or when the start is over.</summary>
    public void Reload() => Want(Wish.Reload);

    /// <summary>What somebody wants of the service while it runs.</summary>
    [Flags]
    private enum Wish
    {
        None = 0,

        /// <summary>Looks for users too.</summary>
        Reload = 1,
        LookForUsers = 2,
    }

    /// <summary>The configured warnings by quota root.</summary>
    public static WarningRules WarningsOf(Settings settings) => new(InForce(settings).Roots.Index().ToDictionary(
        root => root.Index == 0 ? "" : root.Item.Root.Name, root => root.Item.Warnings));

    /// <summary>What applies to each user by these settings.</summary>
    public static UserQuotas QuotasOf(Settings settings, LimitService limits) =>
        new(InForce(settings), PolicyOf(settings), limits)
        {
            RunsNothing = settings.Watching.Mode == WatchMode.Observe,
        };

    /// <summary>How messages are counted by these settings.</summary>
    public static CountingPolicy PolicyOf(Settings settings) =>
        MailWatchOptions.PolicyOf(settings.Quota.Counting, settings.Quota.TrustNames);

    /// <summary>Observing runs nothing, so warnings lose their commands and are logged.</summary>
    private static QuotaSettings InForce(Settings settings) => settings.Watching.Mode != WatchMode.Observe
        ? settings.Quota
        : settings.Quota with
        {
            Roots =
            [
                .. settings.Quota.Roots.Select(root => root with
                {
                    Warnings = [.. root.Warnings.Select(warning => warning with { Command = [] })],
                }),
            ],
        };

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        Log.Information("stopping");
        _systemd.Stopping();
        return base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _watch.CountChanged = null;
        _hangup.Dispose();
        _status.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var stop = stoppingToken;
        _watch.CountChanged = _status.Changed;
        var watchdog = _systemd.WatchdogInterval is { } every ? FeedWatchdogAsync(every, stop) : Task.CompletedTask;
        // Gone for a moment it is while it is written anew: that is not the end of all users.
        _watch.Notice(Users, orGone: false, () => Want(Wish.LookForUsers));
        using var control = ControlSocket.Listen(_settings.State.Directory, _answers.AnswerAsync);
        // Each mailbox that is found asks for its limits, so answers may come from now on.
        _limits.Changed += users =>
        {
            _watch.RulesChanged(users.ToHashSet(StringComparer.Ordinal));
            NoticeFiles();
        };
        NoticeFiles();
        await ExploreAsync(FindPlaces()).WaitAsync(stop).ConfigureAwait(false);
        Log.Information("{Plan}", _watch.Plan().ToString());
        SayEmptyLocations();
        await _limits.WarmAsync(_watch.Users()).WaitAsync(stop).ConfigureAwait(false);
        // Sums wait until whoever has been answered for is judged by it.
        await _watch.RoundTrip().WaitAsync(stop).ConfigureAwait(false);
        var memory = ForgetUsersAsync(_limits, stop);
        NoticeFiles();
        var all = BeginSumsAsync();
        if (await _watch.AllSettledThatAnswer().WaitAsync(stop).ConfigureAwait(false) && _watch.Explored.IsCompleted)
            await all.WaitAsync(stop).ConfigureAwait(false);
        else
            Log.Warning("Mailboxes wait for a file system that does not answer; sums of groups begin when they have "
                + "been counted");

        // Counting leaves much behind that is never needed again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ready = _answers.IsReady = true;
        Log.Information(
            "watching {Mailboxes} mailboxes with {Watches} kernel watches{Fanotify}{Remembered}{Observing}",
            _watch.Count,
            _watch.Watches - _watch.FanotifyWatches,
            _watch.FanotifyWatches == 0 ? "" : $", and {_watch.FanotifyWatches} directories by fanotify",
            _watch.Recalled == 0 ? "" : $"; {_watch.Recalled} directories had not changed since the last run",
            _settings.Watching.Mode == WatchMode.Observe ? "; observing, nothing is written" : "");
        _systemd.Ready();
        _status.Changed();

        await foreach (var _ in _wished.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            var wishes = (Wish)Interlocked.Exchange(ref _wishes, 0);
            var done = wishes.HasFlag(Wish.Reload) ? ReloadAsync() : LookForUsersAsync();
            await done.WaitAsync(stop).ConfigureAwait(false);
        }

        await Task.WhenAll(watchdog, memory).ConfigureAwait(false);
    }

    /// <summary>Sums of many mailboxes are right when every one has been counted.</summary>
    private async Task BeginSumsAsync()
    {
        await _watch.Explored.ConfigureAwait(false);
        await _watch.AllSettled().ConfigureAwait(false);
        _sink.Begin();
        _totals.Loaded();
    }

    private void Want(Wish wish)
    {
        Interlocked.Or(ref _wishes, (int)wish);
        _wished.Writer.TryWrite(true);
    }

    /// <summary>
    /// Has files of the sources followed that were not known before: one for each domain is known only when somebody of
    /// that domain has been asked for.
    /// </summary>
    private void NoticeFiles()
    {
        lock (_noticed)
            foreach (var file in _limits.Sources.SelectMany(source => source.Files).Where(_noticed.Add))
                _watch.Notice(file, orGone: true, () =>
                {
                    foreach (var source in _limits.Sources.Where(source => source.Files.Contains(file)))
                        _ = _limits.RefreshAsync(source);
                });
    }

    private async Task ReloadAsync()
    {
        _systemd.Reloading();
        var remarks = new List<ConfigError>();
        var (read, errors) = SettingsFile.Load(_file, static name => Accounts.Find(name) is not null, remarks);
        foreach (var error in errors)
            Log.Error("{Problem}", error.ToString());
        foreach (var remark in remarks)
            Log.Information("{Remark:l}", remark.ToString());
        if (errors.Count > 0)
        {
            Log.Error("{File} was not loaded; the settings of before stay in force", _file);
            _answers.NotInForce = _answers.NotInForce with
            {
                Problem = $"{_file} was not loaded, the settings of before stay in force: {errors[0]}",
            };
        }
        else
            await ApplyAsync(SettingsChange.Between(_settings, read)).ConfigureAwait(false);
        _systemd.Ready();
    }

    private async Task ApplyAsync(SettingsChange change)
    {
        var before = _settings.Limits.Sources.Zip(_limits.Sources);
        var warnings = _settings.Warnings;
        _settings = _answers.Settings = change.InForce;
        _answers.NotInForce = new ConfigurationReport(null, change.NeedRestart);
        // said before a less talkative level may silence it
        Log.Information("{File} loaded again; {Change}", _file, change.ToString());
        _level.MinimumLevel = Logging.LevelOf(_settings.Log.Level);
        var options = RunCommand.OptionsOf(_settings.Warnings);
        var (otherRules, flags) = (change.Applied.Contains(SettingsChange.QuotaRoots), _sink.Flags);
        if (otherRules)
            _warnings.SetRules(WarningsOf(_settings));
        _sink.Set(
            otherRules ? QuotasOf(_settings, _limits) : _sink.Quotas,
            FlagKeeper.Of(_settings, options, _limits, flags));
        var ended = flags.Except(_sink.Flags).Select(keeper => keeper.DisposeAsync().AsTask()).ToArray();
        if (warnings != _settings.Warnings)
        {
            _warnings.SetOptions(options);
            _sink.SetOptions(options, _settings.Warnings.OverFlagInterval);
        }

        if (otherRules)
            _watch.RulesChanged(null);
        else if (warnings != _settings.Warnings || !flags.SequenceEqual(_sink.Flags))
            _watch.Repeat(_sink);
        await Task.WhenAll(ended).ConfigureAwait(false);

        if (change.Applied.Contains("rate"))
            _watch.SetScanRate(_settings.Scanning.Rate);
        var sources = LimitSourceSpec.CreateAgain(_settings.Limits.Sources, before, Log.Logger);
        await _limits.SetSourcesAsync(sources, _settings.Limits.Refresh, _watch.Users()).ConfigureAwait(false);
        NoticeFiles();
        // always, for it also finds new users' homes
        await ExploreAsync(FindPlaces()).ConfigureAwait(false);
        SayEmptyLocations();
    }

    private async Task LookForUsersAsync()
    {
        var places = FindPlaces();
        var (before, now) = (HomesIn(_places), HomesIn(places));
        if (before.SequenceEqual(now))
            return;
        Log.Information("the system's users have changed: {Now} homes instead of {Before}", now.Length, before.Length);
        await ExploreAsync(places).ConfigureAwait(false);
    }

    /// <summary>Where to look for mailboxes now, homes last.</summary>
    private (LocationPattern Pattern, Location[] Locations)[] FindPlaces() =>
    [
        .. _settings.Mailboxes.Locations.OrderBy(pattern => pattern.IsHome)
            .Select(pattern => (pattern, Locations.OfPattern(pattern).ToArray())),
    ];

    private async Task ExploreAsync((LocationPattern Pattern, Location[] Locations)[] places)
    {
        await _watch.Explore([.. places.SelectMany(place => place.Locations)], waitForServers: false)
            .ConfigureAwait(false);
        _places = places;
    }

    private static string[] HomesIn((LocationPattern Pattern, Location[] Locations)[] places) =>
    [
        .. places.Where(place => place.Pattern.IsHome)
            .SelectMany(place => place.Locations.Select(location => location.Base.Display)),
    ];

    /// <summary>Patterns that have led to no mailbox; none while a file server that does not answer may hold
    /// one.</summary>
    private IReadOnlyList<string> EmptyLocations() => !_watch.Explored.IsCompletedSuccessfully ? [] :
    [
        .. _places.Where(place => !Array.Exists(place.Locations, location => location.HasMailbox))
            .Select(place => place.Pattern.Text),
    ];

    private void SayEmptyLocations()
    {
        foreach (var pattern in EmptyLocations())
            Log.Warning("{Problem:l}", Locations.NoMailbox(pattern));
    }

    private string StatusText()
    {
        var text = $"{_watch.Count} mailboxes, {_watch.Watches - _watch.FanotifyWatches} kernel watches";
        if (_watch.FanotifyWatches > 0)
            text += $", {_watch.FanotifyWatches} directories by fanotify";
        if (_settings.Watching.Mode == WatchMode.Observe)
            text += ", observing";
        if (_watch.Polled > 0)
            text += $", {_watch.Polled} polled every {_settings.Watching.Poll}: changes there show that late";
        return _ready ? text : $"counting: {_watch.Unsettled} of {text}";
    }

    /// <summary>Who has no mailbox any more is asked for no more.</summary>
    private async Task ForgetUsersAsync(LimitService limits, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_settings.Limits.Refresh);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            limits.ForgetAllBut(_watch.Users());
    }

    /// <summary>Alive is what answers: each beat goes through every thread of the machine.</summary>
    private async Task FeedWatchdogAsync(TimeSpan every, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(every);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            await _watch.RoundTrip().WaitAsync(stop).ConfigureAwait(false);
            _systemd.Watchdog();
        }
    }
}
