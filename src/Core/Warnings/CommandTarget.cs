using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>Who runs a command: what its first word says. Immutable.</summary>
/// <param name="Kind">A program of our own, or Dovecot's script service.</param>
/// <param name="Address">Absolute path; or a socket's path, perhaps relative to Dovecot's base_dir; or a host.</param>
/// <param name="Port">Of <see cref="TargetKind.Tcp"/>, else 0.</param>
public sealed record CommandTarget(TargetKind Kind, string Address, int Port = 0)
{
    /// <summary>
    /// Parses <c>/path</c>, <c>exec:/path</c>, <c>unix:/path</c>, <c>unix:name</c>, <c>name</c> and
    /// <c>tcp:host:port</c> (Dovecot: a word without a scheme is a socket).
    /// </summary>
    /// <param name="error">What is wrong and how to write it, without a place; null when parsed.</param>
    public static bool TryParse(
        string word, [NotNullWhen(true)] out CommandTarget? target, [NotNullWhen(false)] out string? error)
    {
        (target, error) = (null, null);
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        var (scheme, rest) = colon < 0 ? ("", word) : (word[..colon], word[(colon + 1)..]);
        if (word.StartsWith('/'))
            target = new CommandTarget(TargetKind.Program, word);
        else if (rest.Length == 0)
            error = $"'{word}' names nothing; write /path/to/program, or the name of one of Dovecot's script services";
        else if (scheme is "" or "unix")
            target = new CommandTarget(TargetKind.Unix, rest);
        else if (scheme == "exec" && rest.StartsWith('/'))
            target = new CommandTarget(TargetKind.Exec, rest);
        else if (scheme == "exec")
            error = $"'{rest}' is not an absolute path; write exec:/path/to/program";
        else if (scheme == "tcp")
            (target, error) = TcpOf(rest);
        else
            error = $"unknown scheme '{scheme}:'; use exec:, unix: or tcp:, or /path/to/program without any";
        return target is not null;
    }

    public override string ToString() => Kind switch
    {
        TargetKind.Program => Address,
        TargetKind.Exec => $"exec:{Address}",
        TargetKind.Unix => $"unix:{Address}",
        _ => $"tcp:{Address}:{Port}",
    };

    private static (CommandTarget?, string?) TcpOf(string place)
    {
        var colon = place.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var port) || port is < 1 or > 65535)
            return (null, $"'{place}' is not a host and a port; write tcp:mail.example.org:12345");
        return (new CommandTarget(TargetKind.Tcp, place[..colon].Trim('[', ']'), port), null);
    }
}

/// <summary>The ways to run a command.</summary>
public enum TargetKind
{
    /// <summary><c>/path</c>: started by us; threshold and user are appended to its arguments.</summary>
    Program,

    /// <summary><c>exec:/path</c>: started by us with exactly its arguments.</summary>
    Exec,

    /// <summary><c>name</c>, <c>unix:path</c>: Dovecot's script service on a socket file.</summary>
    Unix,

    /// <summary><c>tcp:host:port</c>: Dovecot's script service elsewhere.</summary>
    Tcp,
}
