using System.Diagnostics;
using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>What lies around the benchmarks: the C programs, the daemon that was built, the machine's settings.</summary>
internal static class Tools
{
    private const string Sysctl = "/proc/sys/fs/inotify/";

    /// <summary>Directory of the programs of <c>limits/</c>; <c>tests/Benchmarks/run</c> builds and names it.</summary>
    public static string Programs { get; } = Environment.GetEnvironmentVariable("BENCH_PROGRAMS")
        ?? throw new InvalidOperationException("call this by tests/Benchmarks/run");

    /// <summary>The daemon to measure: DAEMON names another one, such as the one that is installed.</summary>
    public static string Daemon { get; } = Environment.GetEnvironmentVariable("DAEMON")
        ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory,
            "../../../../../src/Daemon/bin/Release/net10.0/maildir-quota-watcher"));

    public static string C(string program) => Path.Combine(Programs, program);

    /// <summary>One line that says where and when; for the head of every table.</summary>
    public static string Machine => FormattableString.Invariant(
        $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, Linux {Environment.OSVersion.Version}, ")
        + FormattableString.Invariant($"{Environment.ProcessorCount} processors, load {LoadNow()}, .NET {Environment.Version}");

    /// <summary>Runs a program and returns what it printed.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static string Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true })
            ?? throw new IOException($"{program} did not start");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new IOException($"{program} ended with {process.ExitCode}");
    }

    /// <summary>Makes mailboxes by <c>limits/mkstore.c</c>; seconds it took.</summary>
    public static double MakeStore(string store, int first, int end, int folders, int messages, bool sized = true)
    {
        var words = new[] { first, end, folders, messages }.Select(number => number.ToString(CultureInfo.InvariantCulture));
        var output = Run(C("mkstore"), [store, .. words, sized ? "sized" : "unsized"]);
        // Else whatever is measured next shares the disk with what the kernel still writes.
        Run("sync");
        AwaitDiskAtRest();
        return double.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture) / 1e6;
    }

    /// <summary>
    /// Waits, five minutes at most, until nobody has waited for the disk for ten seconds: after <c>sync</c> a journal is
    /// still moved to its place.
    /// </summary>
    private static void AwaitDiskAtRest()
    {
        for (var second = 0; second < 300 && DiskPressure() > 0.5; second++)
            Thread.Sleep(1000);
    }

    /// <summary>Percent of the last ten seconds in which somebody waited for a disk; 0 where the kernel does not say.</summary>
    private static double DiskPressure()
    {
        const string file = "/proc/pressure/io";
        const string begin = "some avg10=";
        return File.Exists(file) && File.ReadLines(file).First() is var line && line.StartsWith(begin, StringComparison.Ordinal)
            ? double.Parse(line[begin.Length..].Split(' ')[0], CultureInfo.InvariantCulture)
            : 0;
    }

    /// <summary>Root of a mailbox that <see cref="MakeStore"/> made.</summary>
    public static string Mailbox(string store, int number) =>
        Path.Combine(store, "m" + number.ToString("D6", CultureInfo.InvariantCulture), "Maildir");

    /// <summary>A number of kilobytes out of a file such as <c>/proc/meminfo</c>.</summary>
    public static long Kilobytes(string file, string name) => long.Parse(
        File.ReadLines(file).First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>The machine forgets what it has cached. Root only.</summary>
    public static void DropCaches()
    {
        Run("sync");
        File.WriteAllText("/proc/sys/vm/drop_caches", "3");
    }

    public static long Limit(string name) =>
        long.Parse(File.ReadAllText(Sysctl + name), CultureInfo.InvariantCulture);

    /// <summary>Sets one of the limits of inotify, says so, and sets it back when disposed. Root only.</summary>
    public static IDisposable SetLimit(string name, long value)
    {
        var before = Limit(name);
        File.WriteAllText(Sysctl + name, value.ToString(CultureInfo.InvariantCulture));
        Console.WriteLine($"fs.inotify.{name}: {before} -> {value} for this run");
        return new Restored(() => File.WriteAllText(Sysctl + name, before.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Smallest value that so large a part of them do not exceed.</summary>
    public static double Percentile(IReadOnlyCollection<double> numbers, double part) =>
        numbers.Count == 0 ? double.NaN : numbers.Order().ElementAt((int)Math.Ceiling((numbers.Count - 1) * part));

    private static string LoadNow() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private sealed class Restored(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
