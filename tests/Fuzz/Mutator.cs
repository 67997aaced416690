namespace MaildirQuotaWatcher.Fuzz;

/// <summary>Makes new inputs from old ones, the same ones again from the same seed.</summary>
/// <param name="seed">Begins the random numbers.</param>
/// <param name="dictionary">Pieces worth splicing in.</param>
public sealed class Mutator(int seed, IReadOnlyList<byte[]> dictionary)
{
    private const int LongestInput = 6000;

    private readonly Random _random = new(seed);

    /// <summary>One input of the pool, changed in one to four places.</summary>
    public byte[] Next(IReadOnlyList<byte[]> pool)
    {
        var input = new List<byte>(Pick(pool));
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
            Change(input, pool);
        return [.. input.Take(LongestInput)];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> pool)
    {
        var at = _random.Next(input.Count + 1);
        var length = _random.Next(Math.Min(input.Count - at, 16) + 1);
        switch (_random.Next(6))
        {
            case 0 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 1:
                input.RemoveRange(at, length);
                break;
            case 2:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 3:
                input.RemoveRange(at, input.Count - at);
                input.AddRange(Tail(Pick(pool)));
                break;
            case 4 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            default:
                input.InsertRange(at, Pick(dictionary));
                break;
        }
    }

    private byte[] Tail(byte[] other) => other[_random.Next(other.Length + 1)..];

    private byte[] Pick(IReadOnlyList<byte[]> pool) => pool[_random.Next(pool.Count)];
}
