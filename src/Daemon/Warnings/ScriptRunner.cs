using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>Runs one command at a time for each caller; how many at once is the callers' matter. Any thread.</summary>
/// <param name="options">How it is run.</param>
/// <param name="log">Told what it prints, and what goes wrong.</param>
/// <param name="time">Null for the system's.</param>
/// <param name="then">As of <see cref="StartFailures"/>.</param>
internal sealed class ScriptRunner(
    WarningOptions options, ILogger log, TimeProvider? time = null, string then = "") : IDisposable
{
    private readonly CancellationTokenSource _kill = new();
    private readonly StartFailures _failures = new(log, time ?? TimeProvider.System, then);

    /// <summary>Others from the next command on.</summary>
    public void SetOptions(WarningOptions changed) => Volatile.Write(ref options, changed);

    /// <summary>Kills what still runs when the grace is over.</summary>
    public void KillAfterGrace() => _kill.CancelAfter(options.StopGrace);

    public void Dispose() => _kill.Dispose();

    /// <summary>Runs it to its end, or until it is killed; says in the log what went wrong.</summary>
    /// <param name="started">Called once, at the moment it runs; not at all when it does not start.</param>
    /// <returns>False when it did not start, or failed.</returns>
    public async Task<bool> RunAsync(ScriptCall call, Action started)
    {
        if (call.Target.Kind is TargetKind.Unix or TargetKind.Tcp) return await AskAsync(call, started)
            .ConfigureAwait(false);
        using var process = Start(call);
        if (process is null) return false;
        started();
        _failures.Worked(call.Target.Address);
        process.StandardInput.Close();
        // What has been asked for the process does not close: it would stay open until memory is collected.
        using var standardOutput = process.StandardOutput;
        using var standardError = process.StandardError;
        using var outputEnd = new CancellationTokenSource();
        var output = Task.WhenAll(
            ReadAsync(standardOutput, call, outputEnd.Token),
            ReadAsync(standardError, call, outputEnd.Token));

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_kill.Token);
        limit.CancelAfter(options.TimeLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            // a background child may hold the pipe open for ever
            outputEnd.CancelAfter(TimeSpan.FromSeconds(1));
            await output.ConfigureAwait(false);
            if (process.ExitCode != 0)
                log.Warning("{Command} for {User} ended with exit code {Code}", call.Target.Address, call.User,
                    process.ExitCode);
            return process.ExitCode == 0;
        }
        catch (OperationCanceledException)
        {
            var why = _kill.IsCancellationRequested
                ? "the daemon stops"
                : $"its time limit of {options.TimeLimit.TotalSeconds:0.###} s is over";
            log.Warning("{Command} for {User} was killed: {Why:l}", call.Target.Address, call.User, why);
            process.Kill(entireProcessTree: true);
            outputEnd.CancelAfter(TimeSpan.FromSeconds(1));
            await output.ConfigureAwait(false);
            return false;
        }
    }

    private Process? Start(ScriptCall call)
    {
        try
        {
            return Process.Start(call.Describe(options.User));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            _failures.Failed(call.Target.Address, call.User, $"it did not start: {e.Message}; check that the file "
                + "exists, has its x bit and an interpreter, and that this account may run it");
            return null;
        }
    }

    private async Task<bool> AskAsync(ScriptCall call, Action started)
    {
        var place = ScriptService.PathOf(call.Target, options.BaseDirectory);
        var service = $"script service {place}";
        try
        {
            await ScriptService.SendAsync(call.Target, options.BaseDirectory, call.Arguments, _kill.Token)
                .ConfigureAwait(false);
            started();
            _failures.Worked(service);
            return true;
        }
        catch (SocketException e)
        {
            // .NET's words for a socket file that is missing are about addresses.
            var missing = call.Target.Kind == TargetKind.Unix && !File.Exists(place);
            var what = missing ? "there is no such socket" : e.Message;
            _failures.Failed(service, call.User,
                $"it was not reached: {what}; {ScriptService.Cure(e.SocketErrorCode, call.Target.Kind)}");
            return false;
        }
        catch (Exception e) when (e is OperationCanceledException or ArgumentException)
        {
            // stopping; or a path that is too long for a socket
            _failures.Failed(service, call.User, $"it was not asked: {e.Message}");
            return false;
        }
    }

    private Task ReadAsync(StreamReader reader, ScriptCall call, CancellationToken stop) =>
        ScriptOutput.CopyLinesAsync(reader.BaseStream,
            line => log.Information("{Command} for {User}: {Line}", call.Target.Address, call.User, line), stop);
}
