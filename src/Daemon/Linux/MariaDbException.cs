namespace MaildirQuotaWatcher.Linux;

/// <summary>An error of libmariadb: 1000 and up are the server's, 2000 and up the client's.</summary>
internal sealed class MariaDbException(int number, string message) : Exception(message)
{
    /// <summary>Number of our own: the library is not installed.</summary>
    public const int NoLibrary = -1;

    /// <summary>CR_SSL_CONNECTION_ERROR: no TLS, or a certificate that is not accepted.</summary>
    public const int NoSecurity = 2026;

    public int Number { get; } = number;

    /// <summary>CR_SERVER_GONE_ERROR, CR_SERVER_LOST; a server that shuts down, or killed the connection.</summary>
    public bool IsConnectionLost => Number is 2006 or 2013 or 2055 or 1053 or 1927 or 4031;
}
