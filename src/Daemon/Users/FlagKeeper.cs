using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Users;

/// <summary>The over-quota flag of one quota root.</summary>
/// <param name="Flag">Tells what it looks like.</param>
/// <param name="Service">Corrects it.</param>
internal sealed record FlagKeeper(OverFlag Flag, OverFlagService Service) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
