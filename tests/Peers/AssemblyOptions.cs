using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

// The tests time the daemon beside programs that keep both cores busy: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
