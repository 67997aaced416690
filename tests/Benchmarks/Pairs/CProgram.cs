using System.Globalization;
using MaildirQuotaWatcher.Benchmarks.Service;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>A program of <c>tests/Benchmarks/limits</c>: it times itself, so that its start does not count.</summary>
internal sealed class CProgram(string name, params object[] words)
{
    /// <summary>Its first two numbers: microseconds and units.</summary>
    public Reading Run()
    {
        var numbers = Numbers();
        return new Timing(numbers[0], (long)numbers[1]);
    }

    /// <summary>All that it prints.</summary>
    public double[] Numbers() =>
    [
        .. Tools.Run(Tools.C(name), [.. words.Select(word => Convert.ToString(word, CultureInfo.InvariantCulture)!)])
            .Split(' ', StringSplitOptions.TrimEntries)
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture)),
    ];
}
