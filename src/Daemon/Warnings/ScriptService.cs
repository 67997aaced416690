using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>Asks Dovecot's script service (<c>service quota-warning</c>) to run its script.</summary>
/// <remarks>
/// Protocol of Dovecot 2.3 and 2.4: <c>VERSION TAB script TAB 4 TAB 0</c>, <c>noreply</c>, one tab-escaped argument a
/// line, an empty line. Nothing comes back: that it was taken is all that is known. An argument that is empty would end
/// the list; Dovecot cannot make one, and here it is left out.
/// </remarks>
internal static class ScriptService
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);

    /// <summary>The whole request.</summary>
    public static byte[] Request(IEnumerable<string> arguments)
    {
        var text = new StringBuilder("VERSION\tscript\t4\t0\nnoreply\n");
        foreach (var argument in arguments.Where(argument => argument.Length > 0))
        {
            foreach (var c in argument)
                _ = c switch
                {
                    '\0' => text.Append("\u00010"),
                    '\u0001' => text.Append("\u00011"),
                    '\t' => text.Append("\u0001t"),
                    '\r' => text.Append("\u0001r"),
                    '\n' => text.Append("\u0001n"),
                    _ => text.Append(c),
                };
            text.Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    /// <summary>Connects, sends, closes.</summary>
    /// <exception cref="SocketException">It cannot be reached, or not within a second.</exception>
    public static async Task SendAsync(
        CommandTarget target, string baseDirectory, IEnumerable<string> arguments, CancellationToken stop)
    {
        var local = target.Kind == TargetKind.Unix;
        using var socket = local
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ConnectLimit);
        try
        {
            EndPoint place = local
                ? new UnixDomainSocketEndPoint(PathOf(target, baseDirectory))
                : new DnsEndPoint(target.Address, target.Port);
            await socket.ConnectAsync(place, limit.Token).ConfigureAwait(false);
            limit.CancelAfter(SendLimit);
            var (request, sent) = (Request(arguments).AsMemory(), 0);
            while (sent < request.Length)
                sent += await socket.SendAsync(request[sent..], limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    /// <summary>Where the socket is, for people too.</summary>
    public static string PathOf(CommandTarget target, string baseDirectory) => target.Kind == TargetKind.Unix
        ? Path.Combine(baseDirectory, target.Address)
        : $"{target.Address}:{target.Port}";

    /// <summary>What to do about it.</summary>
    public static string Cure(SocketError error, TargetKind kind) => (error, kind) switch
    {
        (SocketError.AccessDenied, _) => "let this account write to it: mode, user and group of the unix_listener",
        (_, TargetKind.Tcp) => "check host and port, and that Dovecot's inet_listener of the service is up",
        (SocketError.ConnectionRefused, _) => "Dovecot does not run, or its service has failed: look into its log",
        (SocketError.TimedOut or SocketError.WouldBlock, _) =>
            "its service is too busy: raise process_limit or client_limit of the service",
        _ => "check that Dovecot runs, that its service has this unix_listener, and base_dir",
    };
}
