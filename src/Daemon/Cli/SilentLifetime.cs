using Microsoft.Extensions.Hosting;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The host's lifetime is the token of <see cref="StopSignals"/>: it takes no signals and says nothing.</summary>
internal sealed class SilentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
