namespace MaildirQuotaWatcher.Maildir;

/// <summary>Which <c>,S=</c> of a message name is believed, as the programs differ on odd names.</summary>
public enum SizeReading
{
    /// <summary>Courier: the last before the first colon; without digits it is 0.</summary>
    LastBeforeColon,

    /// <summary>Dovecot: the first anywhere, if its digits end in a colon, a comma or the name's end.</summary>
    FirstTerminated,

    /// <summary>Exim with <c>quota_size_regex = ,S=(\d+)</c>: the first anywhere that a digit follows.</summary>
    FirstDigits,

    /// <summary>None: every message is asked of the disk.</summary>
    Never,
}
