using System.Net.Sockets;
using System.Text;
using Serilog;

namespace MaildirQuotaWatcher.Control;

/// <summary>
/// The UNIX socket by which the administrator's commands reach the running service: one line of words separated by
/// tabs, one text as the answer, end. In the state directory, for its owner alone.
/// </summary>
/// <remarks>
/// Clients are served independently. Of those that have not said their line yet only so many are kept: the one that has
/// been silent for longest makes room for a new one, so that nobody is held up by them, however many there are.
/// </remarks>
internal sealed class ControlSocket : IDisposable
{
    private const string Name = "control";
    private const int LongestRequest = 4096;
    private const int LongestNonsense = 1 << 20;
    private const int MostSilent = 16;
    private const int MostAnswered = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<CancellationTokenSource> _silent = [];
    private readonly HashSet<Task> _clients = [];
    private readonly SemaphoreSlim _answers = new(MostAnswered);
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
        _listener.Listen(128);
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
            Log.Warning("{Path} cannot be made ({Error}); the commands status, refresh and explain will not reach the "
                + "service, SIGHUP does", path, e.Message);
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
            var text = await reader.ReadToEndAsync(stop).ConfigureAwait(false);
            return text.Length > 0 ? (text, null) : (null, $"the service at {path} has ended without an answer");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return (null, $"{path} may not be used by this account; run as root, or as the account of the service");
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
        Task[] clients;
        lock (_lock)
            clients = [.. _clients];
        Task.WaitAll(clients);
        File.Delete(_path);
        _answers.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Serve(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // No descriptor is left, say: whoever waits is served when there is one.
                Log.Debug("{Path}: {Error}", _path, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Serve(Socket client)
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(Patience);
        lock (_lock)
        {
            if (_silent.Count == MostSilent)
            {
                var oldest = _silent[0];
                _silent.RemoveAt(0);
                oldest.Cancel();
            }

            _silent.Add(patience);
            var serving = Task.Run(() => ServeAsync(client, patience));
            _clients.Add(serving);
            _ = serving.ContinueWith(ended =>
            {
                lock (_lock)
                    _clients.Remove(ended);
            }, TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket client, CancellationTokenSource patience)
    {
        try
        {
            using var _ = client;
            var line = await ReadLineAsync(client, patience.Token).ConfigureAwait(false);
            Forget(patience);
            var answer = line is null
                ? $"failed: a request is one line of at most {LongestRequest} bytes; name fewer users"
                : await AnswerAsync(line).ConfigureAwait(false);
            using var listening = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            listening.CancelAfter(Patience);
            await client.SendAsync(Encoding.UTF8.GetBytes(answer), listening.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Whoever asked has gone, says nothing, does not listen, or the service ends.
        }
        finally
        {
            Forget(patience);
            patience.Dispose();
        }
    }

    private void Forget(CancellationTokenSource silent)
    {
        lock (_lock)
            _silent.Remove(silent);
    }

    private async Task<string> AnswerAsync(string line)
    {
        if (!await _answers.WaitAsync(0, _stop.Token).ConfigureAwait(false))
            return "failed: the service is answering many others; try again";
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
        finally
        {
            _answers.Release();
        }
    }

    /// <returns>Null when it is too long, or does not end.</returns>
    private static async Task<string?> ReadLineAsync(Socket client, CancellationToken patience)
    {
        var buffer = new byte[LongestRequest];
        for (var total = 0; total < LongestNonsense;)
        {
            // Of what is too long only the end is of interest: to close before it is read would lose the answer.
            var at = total % buffer.Length;
            var read = await client.ReceiveAsync(buffer.AsMemory(at), patience).ConfigureAwait(false);
            if (read == 0)
                return null;
            var end = buffer.AsSpan(at, read).IndexOf((byte)'\n');
            total += read;
            if (end >= 0)
                return total <= buffer.Length ? Encoding.UTF8.GetString(buffer, 0, at + end) : null;
        }

        return null;
    }
}
