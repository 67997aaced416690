using System.Diagnostics;
using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>A program of <c>tests/Benchmarks/limits</c>: it times itself, so that its start does not count.</summary>
internal sealed class CProgram(string path, params string[] words)
{
    public Timing Run()
    {
        using var process = Process.Start(new ProcessStartInfo(path, words) { RedirectStandardOutput = true })!;
        var numbers = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return process.ExitCode == 0
            ? new Timing(double.Parse(numbers[0], CultureInfo.InvariantCulture),
                long.Parse(numbers[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{path} ended with {process.ExitCode}");
    }
}
