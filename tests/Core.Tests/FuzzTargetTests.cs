using MaildirQuotaWatcher.Fuzz;

namespace MaildirQuotaWatcher.Core.Tests;

/// <summary>A short run of every fuzz target: the same inputs every time.</summary>
public sealed class FuzzTargetTests
{
    public static TheoryData<string> Names => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_FewThousandInputs_KeepsTheInvariants(string name)
    {
        var target = FuzzTarget.All.Single(each => each.Name == name);

        var failure = new Fuzzer(target, corpus: null).Run(runs: 5000, seed: 1);

        Assert.True(failure is null, $"{failure?.Error}: {Convert.ToHexString(failure?.Input ?? [])}");
    }
}
