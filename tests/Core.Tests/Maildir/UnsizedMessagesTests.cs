using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Core.Tests.Maildir;

/// <summary>The table of messages without a size, beside a dictionary.</summary>
public sealed class UnsizedMessagesTests
{
    [Fact]
    public void SetAndRemove_AnyOrder_AgreesWithADictionary() => Prop.ForAll(
        Gen.Choose(0, 1_000_000).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            var (table, model) = (new UnsizedMessages(), new Dictionary<ulong, long>());
            // Few names, and some that begin at the same slot or at the table's very end, so that gaps have to close.
            var names = Enumerable.Range(0, random.Next(1, 60))
                .Select(_ => random.Next(3) switch
                {
                    0 => (ulong)random.NextInt64() | 1,
                    1 => ulong.MaxValue - (ulong)random.Next(40),
                    _ => (ulong)random.Next(1, 40),
                }).ToArray();
            for (var step = 0; step < 300; step++)
            {
                var (name, bytes) = (names[random.Next(names.Length)], random.NextInt64(1000));
                var known = model.TryGetValue(name, out var expected);
                if (random.Next(2) == 0)
                {
                    if (table.Set(name, bytes, out var before) != known || before != expected)
                        return false;
                    model[name] = bytes;
                }
                else if (table.Remove(name, out var removed) != model.Remove(name) || (known && removed != expected))
                {
                    return false;
                }

                if (table.Count != model.Count)
                    return false;
            }

            return model.All(pair => table.TryGet(pair.Key, out var bytes) && bytes == pair.Value);
        }).Check(Chance.Of(500));

    [Theory]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public void Footprint_ManyMessages_AtMost24BytesEach(int messages)
    {
        var (table, random) = (new UnsizedMessages(), new Random(1));
        for (var i = 0; i < messages; i++)
        {
            table.Set((ulong)random.NextInt64() * 2 + 1, i, out _);
            Assert.True(table.Count < 1000 || table.Footprint <= 24L * table.Count, $"{table.Footprint} for {table.Count}");
        }
    }
}
