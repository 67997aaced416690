namespace MaildirQuotaWatcher.Fuzz;

/// <summary>One parser under attack. <see cref="All"/> is the list a new parser is added to.</summary>
public abstract class FuzzTarget
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
        [new MaildirSizeTarget(), new MessageNameTarget(), new QuotaRuleTarget()];

    /// <summary>Names the corpus folder and the <c>--target</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs to begin with: the goldens.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Pieces worth splicing in.</summary>
    public abstract IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>Parses and checks the invariants.</summary>
    /// <returns>A short word for how the parser took it; an input with a word not seen before is kept.</returns>
    /// <exception cref="InvariantBrokenException">What the parser says is not so.</exception>
    public abstract string Check(byte[] input);

    private protected static void Require(bool holds, string text)
    {
        if (!holds)
            throw new InvariantBrokenException(text);
    }
}
