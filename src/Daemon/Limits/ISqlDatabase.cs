namespace MaildirQuotaWatcher.Limits;

/// <summary>One SQL server or file. Any thread; the statements of one database may run one after the other.</summary>
internal interface ISqlDatabase : IAsyncDisposable
{
    /// <summary>Where it is, for messages: <c>PostgreSQL at /run/postgresql</c>; no password.</summary>
    string Place { get; }

    /// <summary>The rows that a statement finds for a user.</summary>
    /// <exception cref="LimitSourceException">It is down, or does not understand the statement.</exception>
    Task<IReadOnlyList<SqlRow>> QueryAsync(SqlStatement statement, string user, CancellationToken stop);
}
