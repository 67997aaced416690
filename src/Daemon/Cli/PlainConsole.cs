using Spectre.Console;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Standard output for people: coloured on a terminal, plain and wide in a file or pipe.</summary>
internal static class PlainConsole
{
    /// <param name="plainWidth">Columns where there is no terminal to say.</param>
    public static IAnsiConsole Create(int plainWidth)
    {
        if (!Console.IsOutputRedirected)
            return AnsiConsole.Console;
        var plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        plain.Profile.Width = plainWidth;
        return plain;
    }
}
