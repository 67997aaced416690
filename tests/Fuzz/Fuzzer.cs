using System.Security.Cryptography;

namespace MaildirQuotaWatcher.Fuzz;

/// <summary>Runs one target: mutate, check, keep what the parser took in a new way.</summary>
/// <param name="target">The parser under attack.</param>
/// <param name="corpus">Folder of kept inputs, or null to keep nothing.</param>
public sealed class Fuzzer(FuzzTarget target, string? corpus)
{
    private readonly List<byte[]> _pool = [];
    private readonly HashSet<string> _seen = [];

    /// <summary>Inputs in the pool after the last run.</summary>
    public int PoolSize => _pool.Count;

    /// <summary>Checks goldens and corpus, then <paramref name="runs"/> mutations.</summary>
    /// <returns>The input that broke the parser and why, or null.</returns>
    public FuzzFailure? Run(int runs, int seed)
    {
        foreach (var known in target.Seeds.Concat(Saved()))
            if (Try(known, keep: true) is { } failure)
                return failure;

        var mutator = new Mutator(seed, target.Dictionary);
        for (var i = 0; i < runs; i++)
            if (Try(mutator.Next(_pool), keep: false) is { } failure)
                return failure;
        return null;
    }

    private IEnumerable<byte[]> Saved() => corpus is null || !Directory.Exists(corpus)
        ? []
        : Directory.GetFiles(corpus).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    private FuzzFailure? Try(byte[] input, bool keep)
    {
        try
        {
            var isNew = _seen.Add(target.Check(input));
            if (isNew || keep)
                _pool.Add(input);
            if (isNew && !keep)
                Save(input);
            return null;
        }
#pragma warning disable CA1031 // any exception at all is what a fuzzer looks for
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new FuzzFailure(input, error);
        }
    }

    private void Save(byte[] input)
    {
        if (corpus is null)
            return;
        Directory.CreateDirectory(corpus);
        File.WriteAllBytes(Path.Combine(corpus, FileName(input)), input);
    }

    /// <summary>Short name made from the contents.</summary>
    public static string FileName(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..16];
}
