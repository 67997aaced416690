namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One mailbox on disk and what each column counts in it (<c>tests/Goldens/trees</c>).</summary>
public sealed record TreeGolden
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required IReadOnlyList<TreeCommand> Commands { get; init; }

    /// <summary>One per column of <see cref="PolicyColumn"/>.</summary>
    public required IReadOnlyList<TreeExpectation> Expected { get; init; }

    public static IReadOnlyList<TreeGolden> Load() => [.. GoldenFile.LoadFolder("trees").Select(Read)];

    /// <summary>Builds the mailbox as <c>directory/Maildir</c>; some cases put things beside it.</summary>
    /// <returns>The mailbox's root.</returns>
    public string Build(string directory) => TreeBuilder.Build(Commands, directory);

    /// <summary>Builds it in a mailbox that is there and empty.</summary>
    public void BuildIn(string root) => TreeBuilder.BuildIn(Commands, root);

    private static TreeGolden Read(GoldenCase golden)
    {
        golden.Allow([.. TreeCommand.Words.Keys, .. PolicyColumn.All]);
        return new TreeGolden
        {
            Id = golden.Id,
            Title = golden.Title,
            Commands =
                [.. golden.Lines.Where(line => TreeCommand.Words.ContainsKey(line.Word)).Select(TreeCommand.Read)],
            Expected = [.. PolicyColumn.All.Select(column => TreeExpectation.Read(golden.Require(column)))],
        };
    }
}
