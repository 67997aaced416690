using System.Globalization;
using BenchmarkDotNet.Running;
using MaildirQuotaWatcher.Benchmarks;
using MaildirQuotaWatcher.Benchmarks.Pairs;
using MaildirQuotaWatcher.Benchmarks.Service;

const string Advice = "see the head of tests/Benchmarks/run";
if (args is [])
{
    Console.Error.WriteLine(Advice);
    return 2;
}

var words = new Words(args[1..]);
var tsv = words.Take("--tsv");
switch (args[0])
{
    case "limits":
        return LimitsCommand.Run(LimitsOptions.Read(words), tsv);
    case "growth":
        var cold = words.Has("--cold");
        return InScratch(directory => GrowthCommand.Run(directory, tsv, cold, [.. words.Rest.Skip(1).Select(Number)]));
    case "giant":
        return InScratch(directory => GiantCommand.Run(directory, tsv, Number(words.Rest.ElementAtOrDefault(1) ?? "500000")));
    case "overflow":
        return InScratch(directory => OverflowCommand.Run(directory, tsv, Number(words.Rest.ElementAtOrDefault(1) ?? "50000")));
    case "micro":
        BenchmarkSwitcher.FromAssembly(typeof(MessageNameBenchmarks).Assembly).Run(args[1..]);
        return 0;
    default:
        Console.Error.WriteLine(Advice);
        return 2;
}

static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

// A directory that is not there yet; deleted at the very end, since file systems are slow for a while after that.
int InScratch(Func<string, int> run)
{
    if (words.Rest is not [var named, ..] || Directory.Exists(named))
    {
        Console.Error.WriteLine($"name a directory that does not exist yet; {Advice}");
        return 2;
    }

    var directory = Directory.CreateDirectory(named).FullName;
    try
    {
        return run(directory);
    }
    finally
    {
        Directory.Delete(directory, recursive: true);
    }
}
