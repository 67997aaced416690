namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One step in building a mailbox: <c>file</c>, <c>dir</c>, <c>maildir</c>, <c>link</c>, ...</summary>
/// <param name="Line">The line it came from.</param>
/// <param name="First">First argument, as bytes.</param>
/// <param name="Second">Second argument, as bytes; empty when there is none.</param>
public sealed record TreeCommand(GoldenLine Line, byte[] First, byte[] Second)
{
    /// <summary>Each word and how many arguments it takes.</summary>
    public static IReadOnlyDictionary<string, int> Words { get; } = new Dictionary<string, int>
    {
        ["file"] = 2,
        ["dir"] = 1,
        ["maildir"] = 1,
        ["link"] = 2,
        ["symlink"] = 2,
        ["fifo"] = 1,
    };

    internal static TreeCommand Read(GoldenLine line)
    {
        var arguments = line.Parts.Select(GoldenEscapes.Decode).ToArray();
        if (arguments.Length != Words[line.Word])
            throw line.Error($"takes {Words[line.Word]} arguments");
        return new TreeCommand(line, arguments[0], arguments.Length > 1 ? arguments[1] : []);
    }
}
