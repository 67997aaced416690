using BenchmarkDotNet.Running;
using MaildirQuotaWatcher.Benchmarks.Pairs;

if (args is ["limits", .. var words])
    return LimitsCommand.Run(words);
BenchmarkSwitcher.FromAssembly(typeof(MaildirQuotaWatcher.Benchmarks.MessageNameBenchmarks).Assembly).Run(args);
return 0;
