using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;
using Serilog;

namespace MaildirQuotaWatcher.Users;

/// <summary>The over-quota flag of one quota root.</summary>
/// <param name="Root">Name of the root.</param>
/// <param name="Flag">Tells what it looks like.</param>
/// <param name="Script">Words of the command that corrects it.</param>
/// <param name="Service">Runs that.</param>
internal sealed record FlagKeeper(string Root, OverFlag Flag, IReadOnlyList<string> Script, OverFlagService Service)
    : IAsyncDisposable
{
    /// <summary>Those of a configuration; none where nothing is to be run.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="options">How scripts are run.</param>
    /// <param name="limits">Asked again after each script.</param>
    /// <param name="before">Those of before: one of the same root, flag and script goes on.</param>
    public static IReadOnlyList<FlagKeeper> Of(
        Settings settings, WarningOptions options, LimitService limits, IReadOnlyList<FlagKeeper> before) =>
        settings.Watching.Mode == WatchMode.Observe ? [] :
        [
            .. settings.Quota.Roots.Where(root => root.OverFlagValue is not null).Select(root =>
                before.FirstOrDefault(keeper => keeper.Is(root)) ?? new FlagKeeper(
                    root.Root.Name, new OverFlag(root.OverFlagValue!), root.OverScript, new OverFlagService(
                        [.. root.OverScript], options, Log.Logger, user => _ = limits.RefreshAsync(user),
                        settings.Warnings.OverFlagInterval))),
        ];

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    private bool Is(RootSettings root) => Root == root.Root.Name && Flag.Mask == root.OverFlagValue
        && Script.SequenceEqual(root.OverScript);
}
