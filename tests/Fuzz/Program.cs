using System.Globalization;
using MaildirQuotaWatcher.Fuzz;
using MaildirQuotaWatcher.Testing;

// fuzz [--target NAME] [--runs N] [--seed N] [--corpus DIR] | --replay FILE [--target NAME]
string? Option(string name) =>
    Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
int Number(string name, int otherwise) =>
    Option(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

var targets = FuzzTarget.All.Where(each => Option("--target") is not { } name || each.Name == name).ToList();
if (targets.Count == 0)
{
    Console.Error.WriteLine($"Targets: {string.Join(", ", FuzzTarget.All.Select(each => each.Name))}");
    return 2;
}

if (Option("--replay") is { } file)
{
    var input = File.ReadAllBytes(file);
    foreach (var target in targets)
        Console.WriteLine($"{target.Name}: {target.Check(input)}");
    return 0;
}

var seed = Number("--seed", Environment.TickCount);
var folder = Option("--corpus") ?? RepositoryRoot.Combine("tests", "Fuzz", "corpus");
foreach (var target in targets)
{
    var fuzzer = new Fuzzer(target, Path.Combine(folder, target.Name));
    var failure = fuzzer.Run(Number("--runs", 1_000_000), seed);
    Console.WriteLine($"{target.Name}: seed {seed}, {fuzzer.PoolSize} inputs in the pool");
    if (failure is null)
        continue;
    var crash = $"crash-{target.Name}-{Fuzzer.FileName(failure.Input)}";
    File.WriteAllBytes(crash, failure.Input);
    Console.Error.WriteLine($"{target.Name}: {failure.Error.Message}");
    Console.Error.WriteLine($"replay with --target {target.Name} --replay {crash}");
    return 1;
}

return 0;
