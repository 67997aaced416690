using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Watching;

/// <summary>Memory is measured, so nothing else runs meanwhile.</summary>
[Collection("Machine")]
public sealed class WatchOwnersTests
{
    [Theory]
    [InlineData(300)]
    [InlineData(5000)]
    [InlineData(int.MaxValue)]
    public void Any_SequenceOfSetAndRemove_EqualsADictionary(int highest)
    {
        var random = new Random(highest);
        var owners = new WatchOwners();
        var expected = new Dictionary<int, WatchOwner>();
        for (var step = 0; step < 20_000; step++)
        {
            var watch = random.Next(3) == 0 && expected.Count > 0
                ? expected.Keys.ElementAt(random.Next(expected.Count)) : random.Next(highest);
            if (random.Next(5) < 3)
            {
                var owner = new WatchOwner(random.Next(), -random.Next());
                owners.Set(watch, owner);
                expected[watch] = owner;
            }
            else
            {
                owners.Remove(watch);
                expected.Remove(watch);
            }

            Assert.Equal(expected.Count, owners.Count);
            Assert.Equal(expected.TryGetValue(watch, out var wanted), owners.TryGet(watch, out var found));
            Assert.Equal(wanted, found);
        }

        Assert.All(expected, pair => Assert.True(owners.TryGet(pair.Key, out var found) && found == pair.Value));
    }

    [Fact]
    public void Set_ManyOneAfterAnother_TakesLessThanTenBytesEach()
    {
        // So many that what else comes and goes in this process does not matter.
        const int many = 5_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var owners = new WatchOwners();
        for (var watch = 1; watch <= many; watch++)
            owners.Set(watch, new WatchOwner(watch, 1));

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(many, owners.Count);
        Assert.True(taken < 10L * many, $"{taken / (double)many:0.0} bytes each");
    }

    [Fact]
    public void Set_FarApart_TakesTwoHundredBytesAtMost()
    {
        const int many = 50_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var owners = new WatchOwners();
        for (var watch = 1; watch <= many; watch++)
            owners.Set(watch * 4096, new WatchOwner(watch, 1));

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(many, owners.Count);
        Assert.True(taken <= 200L * many, $"{taken / (double)many:0.0} bytes each");
    }
}
