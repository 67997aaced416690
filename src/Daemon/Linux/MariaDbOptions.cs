namespace MaildirQuotaWatcher.Linux;

/// <summary>Where a MariaDB or MySQL server is and how to log in; null leaves it to the library.</summary>
internal sealed record MariaDbOptions
{
    /// <summary>A name, an address, a socket's path, or empty for the local server.</summary>
    public string Host { get; init; } = "";

    public int Port { get; init; }

    public string? Database { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>For connecting, and for each read and write.</summary>
    public uint TimeoutSeconds { get; init; } = 10;

    public string? CaFile { get; init; }

    public string? CaDirectory { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public string? Ciphers { get; init; }

    public bool VerifyServer { get; init; }

    /// <summary>my.cnf to read options from.</summary>
    public string? OptionFile { get; init; }

    /// <summary>Its section; <c>client</c> when null.</summary>
    public string? OptionGroup { get; init; }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}/{Database}";
}
