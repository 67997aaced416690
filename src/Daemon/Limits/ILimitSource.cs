namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// A place where an administrator keeps limits of users: a file, an SQL server, a directory. Any thread.
/// </summary>
/// <remarks>
/// A port with several implementations. A source never guesses: what it cannot find out is a
/// <see cref="LimitSourceException"/>, and the last answer stays.
/// </remarks>
internal interface ILimitSource : IAsyncDisposable
{
    /// <summary>As it is configured, <c>sql:/etc/dovecot/dovecot-sql.conf.ext</c>; holds no password.</summary>
    string Name { get; }

    /// <summary>Absolute paths that, when one of them changes, mean that everything is to be asked again.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>The fields of one user, empty if he has none; null when this source does not know him.</summary>
    /// <exception cref="LimitSourceException">It is down or broken.</exception>
    Task<UserFields?> FindAsync(string user, CancellationToken stop);

    /// <summary>
    /// Everybody's fields at once, so that a user who is not among them is not known here; null when it can only be
    /// asked for one user after the other.
    /// </summary>
    /// <exception cref="LimitSourceException">It is down or broken.</exception>
    Task<IReadOnlyDictionary<string, UserFields>?> ReadAllAsync(CancellationToken stop);

    /// <summary>The administrator says that what looks like an accident is meant; only files are doubted.</summary>
    void Believe()
    {
    }
}
