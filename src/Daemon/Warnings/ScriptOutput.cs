using System.Text;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Turns what a script prints into lines for the log: bounded in length and number, control characters escaped. Reads
/// on to the end even when the bound is reached, so that no script blocks on a full pipe.
/// </summary>
internal static class ScriptOutput
{
    public const int MostBytesPerLine = 1000;
    public const int MostLines = 50;

    /// <summary>Reads until the stream ends; never throws for a broken pipe.</summary>
    public static async Task CopyLinesAsync(Stream output, Action<string> line, CancellationToken stop)
    {
        var buffer = new byte[4096];
        var current = new List<byte>();
        var (lines, cut) = (0, false);
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0)
            {
                for (var i = 0; i < read; i++)
                {
                    if (buffer[i] == (byte)'\n') Flush();
                    else if (current.Count < MostBytesPerLine) current.Add(buffer[i]);
                    else cut = true;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // what was printed so far is what there is
        }
        if (current.Count > 0) Flush();

        void Flush()
        {
            if (lines++ < MostLines) line(Escape(Encoding.UTF8.GetString([.. current])) + (cut ? "..." : ""));
            else if (lines == MostLines + 1) line("... further output not shown");
            current.Clear();
            cut = false;
        }
    }

    private static string Escape(string text)
    {
        var trimmed = text.TrimEnd('\r');
        if (!trimmed.Any(char.IsControl)) return trimmed;
        var escaped = new StringBuilder();
        foreach (var c in trimmed)
            if (char.IsControl(c)) escaped.Append(@"\x").Append(((int)c).ToString("x2"));
            else escaped.Append(c);
        return escaped.ToString();
    }
}
