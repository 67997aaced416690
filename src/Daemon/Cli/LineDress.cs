namespace MaildirQuotaWatcher.Cli;

/// <summary>How a log line looks.</summary>
internal enum LineDress
{
    /// <summary>The message alone: for pipes and tests.</summary>
    Plain,

    /// <summary>Time and message.</summary>
    Terminal,

    /// <summary>Time and message, warnings yellow, errors red.</summary>
    Colour,

    /// <summary>Priority prefix and message: the journal adds the time.</summary>
    Journal,
}
