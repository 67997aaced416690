namespace MaildirQuotaWatcher.Quota;

/// <summary>
/// The data lines of one <c>maildirsize</c>, added up. Only <see cref="MaildirSizeFormat"/> calls it.
/// </summary>
/// <param name="Count">Number of lines, sound or not; a last one without LF counts.</param>
/// <param name="Sum">What they add up to, down to the first that is not sound.</param>
/// <param name="Problem">The first thing that is wrong, with its line number, or null.</param>
internal readonly record struct LedgerLines(int Count, Usage Sum, string? Problem)
{
    /// <param name="lines">Everything after the header's LF.</param>
    /// <param name="complete">False when the file goes on behind <paramref name="lines"/>.</param>
    public static LedgerLines Read(ReadOnlySpan<byte> lines, bool complete)
    {
        var count = 0;
        var sum = Usage.Zero;
        string? problem = null;
        while (!lines.IsEmpty)
        {
            count++;
            var end = lines.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            var cutOff = end < 0 && !complete;
            if (problem is null && !cutOff && Add(line, ref sum, terminated: end >= 0) is { } text)
                problem = $"line {count + 1}: {text}";
            lines = end < 0 ? default : lines[(end + 1)..];
        }

        return new LedgerLines(count, sum, problem);
    }

    private static string? Add(ReadOnlySpan<byte> line, ref Usage sum, bool terminated)
    {
        if (DataLine.Read(line, out var delta) is { } problem)
            return problem;
        // The next append would be glued on: Exim made "4096 1" and "398 1" into "4096 1398 1".
        if (!terminated)
            return "no LF at the end of the file";

        var bytes = (Int128)sum.Bytes + delta.Bytes;
        var messages = sum.Messages + delta.Messages;
        if (bytes < long.MinValue || bytes > long.MaxValue)
            return "sum of bytes goes beyond 64 bits";
        // All three keep the sum of messages in an int.
        if (messages is < int.MinValue or > int.MaxValue)
            return "sum of messages goes beyond 32 bits";

        sum = new Usage((long)bytes, messages);
        return null;
    }
}
