using System.Collections.Concurrent;
using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

/// <summary>A source whose users the test sets, and which it takes down.</summary>
internal sealed class FakeSource(string name = "fake:/a", bool givesEverybody = false) : ILimitSource
{
    private int _asked;

    public ConcurrentDictionary<string, UserFields> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>What it says instead of an answer; null answers.</summary>
    public LimitSourceException? Down { get; set; }

    /// <summary>Users whose entry is wrong.</summary>
    public ConcurrentDictionary<string, bool> Wrong { get; } = new(StringComparer.Ordinal);

    /// <summary>Questions so far, of either kind.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>While set, questions wait for it.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>Whether it takes Rj for rj when asked for him.</summary>
    public bool FoldsCase { get; set; }

    public bool IsDisposed { get; private set; }

    public string Name => name;

    public IReadOnlyList<string> Files => [];

    public static UserFields Rule(string rule) => UserFields.OfRules([rule]);

    public async Task<UserFields?> FindAsync(string user, CancellationToken stop)
    {
        await AnswerAsync(stop).ConfigureAwait(false);
        return Wrong.ContainsKey(user)
            ? throw new LimitSourceException($"the entry of {user} is wrong", onlyThisUser: true)
            : Users.GetValueOrDefault(FoldsCase ? user.ToLowerInvariant() : user);
    }

    public async Task<IReadOnlyDictionary<string, UserFields>?> ReadAllAsync(CancellationToken stop)
    {
        if (!givesEverybody)
            return null;
        await AnswerAsync(stop).ConfigureAwait(false);
        return new Dictionary<string, UserFields>(Users);
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    private async Task AnswerAsync(CancellationToken stop)
    {
        Interlocked.Increment(ref _asked);
        if (Hold is { } hold)
            await hold.Task.WaitAsync(stop).ConfigureAwait(false);
        if (Down is { } down)
            throw down;
    }
}
