using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.State;

/// <summary>One counted directory of a <see cref="SavedMailbox"/>; valid as long as its bytes are.</summary>
internal readonly ref struct SavedDirectory
{
    /// <summary>Which directory it is; opaque here.</summary>
    public ulong Identity { get; init; }

    /// <summary>Its change time when the usage was known to fit it, nanoseconds since 1970; above 0.</summary>
    public long Stamp { get; init; }

    /// <summary>What it held then; never negative.</summary>
    public Usage Usage { get; init; }

    /// <summary>The messages among them whose names do not say their size.</summary>
    public SavedSizes Unsized { get; init; }
}
