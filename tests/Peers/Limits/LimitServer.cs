using System.Net;
using System.Net.Sockets;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>A real server that has limits of users, in a scratch directory, and the file that says how to ask it.</summary>
internal abstract class LimitServer : IDisposable
{
    /// <summary>What no message and no log line may hold.</summary>
    public const string Password = "pa'ss w0rd";

    // Two runs at once begin at different places.
    private static int lastPort = Environment.ProcessId % 1000 * 12;

    protected ScratchDirectory Scratch { get; } = new();

    protected ServerProcess? Process { get; set; }

    /// <summary>The source as an administrator configures it.</summary>
    public string Source { get; protected set; } = "";

    public bool IsRunning { get; private set; }

    public void Start()
    {
        Begin();
        IsRunning = true;
    }

    public void Stop()
    {
        End();
        IsRunning = false;
    }

    /// <summary>Nobody has a limit.</summary>
    public abstract void Clear();

    /// <summary>Gives a user a limit in bytes; null no limit of his own.</summary>
    public abstract void Set(params IReadOnlyList<(string User, long? Bytes)> users);

    /// <summary>Writes the source's file once more, with a wrong password.</summary>
    public abstract void Configure(string password);

    /// <summary>What it is called in its certificate, and what else leads to it.</summary>
    public virtual (string Right, string Wrong) Names => throw new NotSupportedException();

    /// <summary>Writes the source's file so that it is asked over TLS, for a limit that is 0 without.</summary>
    /// <param name="authority">Who is believed, of <see cref="Certificates"/>.</param>
    /// <param name="host">What the server is called.</param>
    /// <param name="way">Where there are several: <c>ldaps</c>, <c>starttls</c>.</param>
    public virtual void Secure(string authority, string host, string way = "") => throw new NotSupportedException();

    /// <summary>Changes the source's file.</summary>
    public void Reconfigure(string from, string to)
    {
        var path = Source[(Source.IndexOf(':') + 1)..];
        var text = File.ReadAllText(path);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        File.WriteAllText(path, $"{text[..at]}{to}{text[(at + from.Length)..]}");
    }

    /// <summary>Where one process answers.</summary>
    public void Hang() => Process!.Signal(Mono.Unix.Native.Signum.SIGSTOP);

    public void GoOn() => Process?.Signal(Mono.Unix.Native.Signum.SIGCONT);

    public virtual void Dispose()
    {
        Process?.Dispose();
        Scratch.Dispose();
    }

    /// <summary>Starts, and waits until it answers.</summary>
    protected abstract void Begin();

    protected virtual void End()
    {
        Process!.Stop(Mono.Unix.Native.Signum.SIGTERM);
        Process.Dispose();
        Process = null;
    }

    protected string At(string name) => Path.Combine(Scratch.Location, name);

    /// <summary>
    /// A port that nobody has, below those that the kernel gives to clients (from 32768 on): one of them would not be
    /// free any more when the server is started again.
    /// </summary>
    protected static int FreePort()
    {
        while (true)
        {
            var port = 20_000 + Interlocked.Increment(ref lastPort) % 12_000;
            try
            {
                using var socket = new TcpListener(IPAddress.Loopback, port);
                socket.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    protected static void Run(string program, params string[] arguments) => new Command(program, arguments).Run();
}
