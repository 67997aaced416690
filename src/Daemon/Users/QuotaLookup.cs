using System.Text.Json;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.State;
using Serilog;
using Serilog.Core;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// What applies to a user, for commands: what the running service goes by; without it what the sources of limits say
/// now, and in place of one that is down what it said last. Immutable.
/// </summary>
internal sealed record QuotaLookup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What applies; null when nobody who may know could be asked, so that nothing may be changed.</summary>
    public UserQuota? Quota { get; private init; }

    /// <summary>Who says the user's own part of it; null when nobody does.</summary>
    public string? Source { get; private init; }

    /// <summary>What went wrong with asking, for people.</summary>
    public IReadOnlyList<string> Troubles { get; private init; } = [];

    /// <summary>Looks a user up; nobody is waited for without an end.</summary>
    public static async Task<QuotaLookup> FindAsync(Settings settings, string user, CancellationToken stop)
    {
        if (settings.Limits.Sources.Count == 0)
            return Of(settings, null, null, []);
        var sources = settings.Limits.Sources.Select(spec => spec.Create(Log.Logger)).ToArray();
        try
        {
            string[] names = [.. sources.Select(source => source.Name)];
            var report = await AskServiceAsync(settings.State.Directory, user, stop).ConfigureAwait(false);
            if (report is { IsKnown: true } && report.Sources.SequenceEqual(names))
                return Of(settings, report.Fields is { } text ? UserFields.FromText(text) : null,
                    report.Source ?? "an earlier answer", report.Down);
            return await AskSourcesAsync(settings, sources, user, stop).ConfigureAwait(false);
        }
        finally
        {
            foreach (var source in sources)
                await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The first source that knows him; behind one that cannot be asked nobody is.</summary>
    private static async Task<QuotaLookup> AskSourcesAsync(
        Settings settings, ILimitSource[] sources, string user, CancellationToken stop)
    {
        foreach (var source in sources)
        {
            string problem;
            try
            {
                var health = new SourceHealth(source, new LimitOptions(), Logger.None, TimeProvider.System);
                var (answered, fields) = await health.FindAsync(user, stop).ConfigureAwait(false);
                if (fields is not null)
                    return Of(settings, fields, source.Name, []);
                if (answered)
                    continue;
                problem = $"{source.Name} does not answer: {health.Problem}";
            }
            catch (LimitSourceException e)
            {
                problem = e.Message;
            }

            return Kept(settings, string.Join('\n', sources.Select(each => each.Name)), user, problem);
        }

        return Of(settings, null, null, []);
    }

    private static QuotaLookup Kept(Settings settings, string sources, string user, string problem)
    {
        try
        {
            return LimitStore.Look(settings.State.Directory, sources, user) is { } fields
                ? Of(settings, fields, "an earlier answer", [problem])
                : new QuotaLookup { Troubles = [problem, $"no earlier answer about {user} is kept"] };
        }
        catch (StateException e)
        {
            return new QuotaLookup { Troubles = [problem, e.Message] };
        }
    }

    /// <returns>Null when no service answers.</returns>
    private static async Task<FieldsReport?> AskServiceAsync(string state, string user, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            var (answer, _) = await ControlSocket.AskAsync(state, [ControlWords.Fields, user], patience.Token)
                .ConfigureAwait(false);
            return answer is null ? null : JsonSerializer.Deserialize(answer, ControlJson.Default.FieldsReport);
        }
        catch (Exception e)
            when (e is JsonException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Another version answers, or one that hangs.
            return null;
        }
    }

    private static QuotaLookup Of(
        Settings settings, UserFields? fields, string? source, IReadOnlyList<string> troubles)
    {
        var policy = WatcherService.PolicyOf(settings);
        return new QuotaLookup
        {
            Quota = UserQuota.Of(
                settings.Quota, fields,
                (rules, hierarchies) => new FolderRoots(policy, settings.Quota.Roots[0].Root, rules, hierarchies)),
            Source = fields is null ? null : $"{source} ({fields})",
            Troubles = troubles,
        };
    }
}
