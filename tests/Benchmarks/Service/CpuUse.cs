using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>
/// Processor time of a process's threads at one moment, to the nanosecond (schedstat, proc(5)); the clock ticks of
/// <c>/proc/PID/stat</c> would be too coarse for a process at rest. What a thread did that has ended since is lost.
/// </summary>
internal sealed class CpuUse
{
    private readonly Dictionary<string, (long Nanoseconds, long Turns)> _threads = [];

    /// <param name="pid">Whose.</param>
    /// <param name="like">Only threads whose names begin with one of these; none: all.</param>
    public static CpuUse Of(int pid, params string[] like)
    {
        var use = new CpuUse();
        foreach (var task in Directory.GetDirectories($"/proc/{pid}/task"))
            try
            {
                var name = File.ReadAllText(Path.Combine(task, "comm"));
                if (like.Length > 0 && !Array.Exists(like, start => name.StartsWith(start, StringComparison.Ordinal)))
                    continue;
                var numbers = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ');
                use._threads[task] = (Number(numbers[0]), Number(numbers[2]));
            }
            catch (IOException)
            {
                // That thread has just ended.
            }

        return use;
    }

    /// <summary>What was used between the two moments, and how often a thread was given a processor.</summary>
    public (double Microseconds, long Turns) Since(CpuUse before)
    {
        var (nanoseconds, turns) = (0L, 0L);
        foreach (var (task, now) in _threads)
        {
            before._threads.TryGetValue(task, out var then);
            (nanoseconds, turns) = (nanoseconds + now.Nanoseconds - then.Nanoseconds, turns + now.Turns - then.Turns);
        }

        return (nanoseconds / 1000.0, turns);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
