namespace MaildirQuotaWatcher.Cli;

/// <summary>What the process returns; scripts and systemd rely on it.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>Failed at run time.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or configuration: trying again is no use.</summary>
    public const int BadUsage = 2;

    /// <summary>Some mailboxes failed, the others are done.</summary>
    public const int SomeFailed = 3;
}
