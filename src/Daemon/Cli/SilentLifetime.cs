using Microsoft.Extensions.Hosting;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The host lives as long as the token of <see cref="StopSignals"/>: no signals, no words.</summary>
internal sealed class SilentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
