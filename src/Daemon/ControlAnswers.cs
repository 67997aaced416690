using System.Text.Json;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher;

/// <summary>What the service answers to the requests of commands, see <see cref="ControlWords"/>. Any thread.</summary>
internal sealed class ControlAnswers(
    Settings settings, MailWatch watch, LimitService limits, QuotaSink sink, WarningStore warnings)
{
    private const int MostTroubles = 20;

    /// <summary>What is in force.</summary>
    public Settings Settings { get; set; } = settings;

    /// <summary>What of the configuration file is not.</summary>
    public ConfigurationReport NotInForce { get; set; } = new(null, []);

    /// <summary>Patterns of locations that have led to no mailbox.</summary>
    public Func<IReadOnlyList<string>> EmptyLocations { get; set; } = static () => [];

    /// <summary>Every mailbox that was found at the start has been judged.</summary>
    public bool IsReady { get; set; }

    public async Task<string> AnswerAsync(string[] words)
    {
        switch (words)
        {
            case [ControlWords.Refresh, ..] when limits.Sources.Count == 0:
                return "failed: there is no source of limits; add [limits] source and reload the service";
            case [ControlWords.ForcedRefresh, .. var users]:
                foreach (var source in limits.Sources)
                    source.Believe();
                return await AnswerAsync([ControlWords.Refresh, .. users]).ConfigureAwait(false);
            case [ControlWords.Refresh]:
                await limits.RefreshAllAsync().ConfigureAwait(false);
                return Down() ?? "the limits of all users have been asked for again";
            case [ControlWords.Refresh, .. var users]:
                await Task.WhenAll(users.Select(limits.RefreshAsync)).ConfigureAwait(false);
                return Down() ?? string.Join('\n', users.Select(
                    user => $"{user}: {Text(limits.Get(user))}"));
            case [ControlWords.Group, var root, var group]:
                return sink.SumOf(root, group) is not { } sum ? "unknown"
                    : $"{sum.Usage.Bytes} {sum.Usage.Messages} {sum.Limit?.Bytes} {sum.Limit?.Messages}";
            case [ControlWords.Fields, var user]:
                var report = new FieldsReport(
                    Sources(), limits.HasAsked(user), limits.Known(user)?.ToText(), limits.SourceOf(user)?.Name,
                    limits.Down);
                return JsonSerializer.Serialize(report, ControlJson.Default.FieldsReport);
            case [ControlWords.Status]:
                return JsonSerializer.Serialize(
                    await StatusAsync().ConfigureAwait(false), ControlJson.Default.StatusReport);
            default:
                return "failed: the service does not know this request; is it an older version?";
        }
    }

    private static string Text(UserFields? fields) =>
        fields is null ? "no source knows him" : fields.Count == 0 ? "known, without a quota field" : fields.ToString();

    private string? Down() => limits.Down.Count == 0
        ? null
        : $"failed: {string.Join("; ", limits.Down)}. Limits stay as they are";

    private string[] Sources() => [.. limits.Sources.Select(source => source.Name)];

    private async Task<StatusReport> StatusAsync()
    {
        var (answers, troubles) = await watch.TroublesAsync().ConfigureAwait(false);
        var (down, waiting, users) = (limits.Down, Waiting(), UsersInTrouble());
        var limit = InotifyLimits.MaxUserWatches;
        return new StatusReport(
            Fine: answers && troubles.Count == 0 && users.Length == 0 && down.Count == 0 && waiting is not null
                && NotInForce.Problem is null,
            Counting: !IsReady,
            Observing: Settings.Watching.Mode == WatchMode.Observe,
            watch.Count,
            watch.Unsettled,
            new WatchReport(watch.Watches - watch.FanotifyWatches, limit > 0 ? limit : null, watch.FanotifyWatches),
            new PollReport(watch.Polled, Settings.Watching.Poll.TotalSeconds, answers),
            Sources(),
            down,
            waiting,
            watch.Overflows,
            watch.LastOverflow,
            NotInForce,
            troubles.Count,
            [
                .. troubles.OrderBy(trouble => trouble.Mailbox, StringComparer.Ordinal).Take(MostTroubles)
                    .Select(trouble => new TroubleReport(trouble.Mailbox, trouble.Problem)),
            ],
            users.Length,
            [.. users.OrderBy(trouble => trouble.User, StringComparer.Ordinal).Take(MostTroubles)],
            EmptyLocations());
    }

    /// <summary>Those with a mailbox whose own settings cannot be read, in their source or in what it says.</summary>
    private UserTroubleReport[] UsersInTrouble()
    {
        if (limits.Sources.Count == 0)
            return [];
        var users = watch.Users();
        return
        [
            .. limits.Refused.Where(refused => users.Contains(refused.User))
                .Select(refused => new UserTroubleReport(refused.User, refused.Problem)),
            .. users.Select(user => (User: user, sink.Quotas.Of(user).Problem))
                .Where(user => user.Problem is not null)
                .Select(user => new UserTroubleReport(user.User, user.Problem!)),
        ];
    }

    private int? Waiting()
    {
        try
        {
            return warnings.CountDue().Sum(subject => subject.Value);
        }
        catch (StateException)
        {
            // The warnings say why, and go on without the file.
            return null;
        }
    }
}
