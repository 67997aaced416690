using System.Diagnostics;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

/// <summary>Runs a program of the system, as the second opinion.</summary>
internal static class Shell
{
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.TrimEnd('\n');
    }
}
