using System.Net.Sockets;
using System.Text;
using Serilog;

namespace MaildirQuotaWatcher.Control;

/// <summary>
/// The UNIX socket by which the administrator's commands reach the running service: one line of words separated by
/// tabs, one text as the answer, end. In the state directory, for its owner alone.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const string Name = "control";
    private const int LongestRequest = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly Func<string[], Task<string>> _answer;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private ControlSocket(string path, Func<string[], Task<string>> answer)
    {
        (_path, _answer) = (path, answer);
        // The state directory is its owner's alone, so nobody else can reach the socket before its mode is set.
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen(16);
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Listens; only for who holds the lock of the state directory.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="answer">Words in, text out; an exception's message is the answer to what goes wrong.</param>
    /// <returns>Null, said in the log, where no socket can be made: the service works without.</returns>
    public static ControlSocket? Listen(string directory, Func<string[], Task<string>> answer)
    {
        var path = Path.Combine(directory, Name);
        try
        {
            File.Delete(path);
            return new ControlSocket(path, answer);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException
            or UnauthorizedAccessException)
        {
            Log.Warning("{Path} cannot be made ({Error}); the command refresh will not reach the service, SIGHUP does",
                path, e.Message);
            return null;
        }
    }

    /// <summary>Asks the service that uses a state directory.</summary>
    /// <returns>Its answer; null, with the reason, when none runs.</returns>
    public static async Task<(string? Answer, string? Problem)> AskAsync(
        string directory, string[] words, CancellationToken stop)
    {
        var path = Path.Combine(directory, Name);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop).ConfigureAwait(false);
            await socket.SendAsync(Encoding.UTF8.GetBytes(string.Join('\t', words) + "\n"), stop).ConfigureAwait(false);
            using var answer = new NetworkStream(socket);
            using var reader = new StreamReader(answer);
            return (await reader.ReadToEndAsync(stop).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            var why = File.Exists(path) ? e.Message : "there is no such socket";
            return (null, $"no service answers at {path} ({why}); is it running, and is this its configuration?");
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _serving.Wait();
        File.Delete(_path);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                patience.CancelAfter(Patience);
                if (await ReadLineAsync(client, patience.Token).ConfigureAwait(false) is not { } line)
                    continue;
                var answer = await AnswerAsync(line).ConfigureAwait(false);
                await client.SendAsync(Encoding.UTF8.GetBytes(answer), _stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Whoever asked has gone, says nothing, or the service ends.
            }
        }
    }

    private async Task<string> AnswerAsync(string line)
    {
        try
        {
            return await _answer(line.Split('\t')).WaitAsync(_stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What goes wrong with one request is its answer.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return $"failed: {e.Message}";
        }
    }

    private static async Task<string?> ReadLineAsync(Socket client, CancellationToken patience)
    {
        var buffer = new byte[LongestRequest];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await client.ReceiveAsync(buffer.AsMemory(length), patience).ConfigureAwait(false);
            if (read == 0)
                return null;
            var end = buffer.AsSpan(length, read).IndexOf((byte)'\n');
            length += read;
            if (end >= 0)
                return Encoding.UTF8.GetString(buffer, 0, length - read + end);
        }

        return null;
    }
}
