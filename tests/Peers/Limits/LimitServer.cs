using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>A real server that has limits of users, in a scratch directory, and the file that says how to ask it.</summary>
internal abstract class LimitServer : IDisposable
{
    /// <summary>What no message and no log line may hold.</summary>
    public const string Password = "pa'ss w0rd";

    protected ScratchDirectory Scratch { get; } = new();

    protected ServerProcess? Process { get; set; }

    /// <summary>The source as an administrator configures it.</summary>
    public string Source { get; protected set; } = "";

    /// <summary>Whether one process answers, so that it can be made to hang.</summary>
    public virtual bool CanHang => true;

    public static LimitServer Make(string name) => name switch
    {
        "PostgreSQL" => new PostgresServer(),
        "MariaDB" => new MariaDbServer(),
        "SQLite" => new SqliteServer(),
        "slapd" => new SlapdServer(),
        _ => throw new ArgumentException(name),
    };

    public abstract void Start();

    public abstract void Stop();

    /// <summary>Gives a user a limit in bytes; null no limit of his own.</summary>
    public abstract void Set(params IReadOnlyList<(string User, long? Bytes)> users);

    /// <summary>Writes the source's file once more, with a wrong password.</summary>
    public abstract void Configure(string password);

    public void Hang() => Process!.Signal(Mono.Unix.Native.Signum.SIGSTOP);

    public void GoOn() => Process!.Signal(Mono.Unix.Native.Signum.SIGCONT);

    public virtual void Dispose()
    {
        Process?.Dispose();
        Scratch.Dispose();
    }

    protected string At(string name) => Path.Combine(Scratch.Location, name);

    protected static void Run(string program, params string[] arguments) => new Command(program, arguments).Run();
}
