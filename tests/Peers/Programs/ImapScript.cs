using System.Text;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>A whole IMAP conversation sent ahead to a pre-authenticated server on standard input and output.</summary>
internal static class ImapScript
{
    /// <returns>Everything the server said.</returns>
    /// <exception cref="InvalidOperationException">A command was not answered OK.</exception>
    public static string Run(Command server, params string[] commands)
    {
        var output = Say(server, commands);
        var answers = output.Output.Split("\r\n");
        for (var tag = 0; tag < commands.Length; tag++)
        {
            if (!answers.Any(answer => answer.StartsWith($"a{tag} OK", StringComparison.Ordinal)))
                throw new InvalidOperationException($"{server}: {commands[tag]}\n{output.Output}\n{output.Errors}");
        }

        return output.Output;
    }

    /// <summary>The same, but a refused command is the caller's affair.</summary>
    public static CommandOutput Say(Command server, params string[] commands)
    {
        var script = new StringBuilder();
        foreach (var (command, tag) in commands.Select((command, index) => (command, index)))
            script.Append('a').Append(tag).Append(' ').Append(command).Append("\r\n");
        script.Append("z LOGOUT\r\n");
        return (server with { Input = Encoding.Latin1.GetBytes(script.ToString()) }).Run();
    }

    public static string Append(string folder, byte[] letter)
    {
        var text = Encoding.Latin1.GetString(letter).Replace("\n", "\r\n", StringComparison.Ordinal);
        return $"APPEND \"{folder}\" {{{text.Length}}}\r\n{text}";
    }
}
