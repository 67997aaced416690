using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(MaildirQuotaWatcher.Benchmarks.MessageNameBenchmarks).Assembly).Run(args);
