namespace MaildirQuotaWatcher.Limits;

/// <summary>What is known of one user. Shared by all users of whom the same is known.</summary>
/// <param name="Fields">Null: no source knows him, or none has been asked yet.</param>
/// <param name="Source">Place of the source in its list; <see cref="Nobodys"/>, or <see cref="LastRuns"/>.</param>
internal sealed record LimitAnswer(UserFields? Fields, int Source)
{
    /// <summary>The source of what no source knows: behind all of them.</summary>
    public const int Nobodys = int.MaxValue;

    /// <summary>No source has been asked in this run; there may be an answer from the last.</summary>
    public const int LastRuns = -1;

    public static readonly LimitAnswer Unasked = new(null, LastRuns);

    public static readonly LimitAnswer Unknown = new(null, Nobodys);
}
