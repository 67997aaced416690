using System.DirectoryServices.Protocols;
using System.Net;

namespace MaildirQuotaWatcher.Limits;

/// <summary>One connection to a directory server, logged in. One thread; calls block up to the time limit.</summary>
internal sealed class LdapServer : IDisposable
{
    /// <summary>Entries that the server hands out at once.</summary>
    private const int PageEntries = 500;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(SqlDrivers.Seconds);

    private readonly LdapConnection _connection;
    private readonly LdapSettings _settings;
    private readonly string _place;
    private readonly bool _isSecure;

    private LdapServer(LdapConnection connection, LdapSettings settings, string place, bool isSecure) =>
        (_connection, _settings, _place, _isSecure) = (connection, settings, place, isSecure);

    /// <summary>Logs in to the first server that answers.</summary>
    /// <exception cref="LdapServerLostException">None does.</exception>
    public static LdapServer Connect(LdapSettings settings)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return Connect(settings, settings.Servers[i]);
            }
            catch (LdapServerLostException) when (i + 1 < settings.Servers.Count)
            {
                // the next one
            }
        }
    }

    /// <summary>All entries that a filter finds, whole pages after each other.</summary>
    /// <exception cref="LdapServerLostException">The server does not answer any more.</exception>
    /// <exception cref="LimitSourceException">It refuses the question.</exception>
    public IReadOnlyList<SearchResultEntry> Search(string place, string filter, IReadOnlyList<string> attributes)
    {
        var found = new List<SearchResultEntry>();
        var request = new SearchRequest(place, filter, _settings.Scope, [.. attributes])
        {
            Aliases = _settings.Aliases,
        };
        var page = new PageResultRequestControl(PageEntries) { IsCritical = false };
        request.Controls.Add(page);
        do
        {
            if (Ask(request) is not { } answer)
                return [];
            found.AddRange(answer.Entries.Cast<SearchResultEntry>());
            page.Cookie = answer.Controls.OfType<PageResultResponseControl>().FirstOrDefault()?.Cookie ?? [];
        }
        while (page.Cookie.Length > 0);
        return found;
    }

    /// <summary>As text; null when the entry has no such attribute.</summary>
    public static string? FirstValue(SearchResultEntry entry, string attribute) =>
        entry.Attributes[attribute] is { Count: > 0 } values ? values[0] switch
        {
            string text => text,
            byte[] bytes => System.Text.Encoding.UTF8.GetString(bytes),
            var other => other.ToString(),
        } : null;

    public void Dispose() => _connection.Dispose();

    private static LdapServer Connect(LdapSettings settings, (string Host, int Port, bool Secure) server)
    {
        var place = $"LDAP server {server.Host}:{server.Port}";
        var connection = new LdapConnection(new LdapDirectoryIdentifier(server.Host, server.Port))
        {
            AuthType = settings.Dn is null ? AuthType.Anonymous : AuthType.Basic,
            Timeout = TimeLimit,
            AutoBind = false,
        };
        var made = new LdapServer(connection, settings, place, server.Secure || settings.StartTls);
        try
        {
            connection.SessionOptions.ProtocolVersion = settings.Version;
            connection.SessionOptions.ReferralChasing = ReferralChasingOptions.None;
            if (settings.CertificateDirectory is not null)
            {
                connection.SessionOptions.TrustedCertificatesDirectory = settings.CertificateDirectory;
                connection.SessionOptions.StartNewTlsSessionContext();
            }

            connection.SessionOptions.SecureSocketLayer = server.Secure;
            if (settings.StartTls && !server.Secure)
            {
                made.AskNothing();
                connection.SessionOptions.StartTransportLayerSecurity(null);
            }

            if (settings.Dn is null)
                connection.Bind();
            else
                connection.Bind(new NetworkCredential(settings.Dn, settings.Password));
            return made;
        }
        catch (Exception e) when (e is DirectoryException or DllNotFoundException or TypeInitializationException)
        {
            connection.Dispose();
            throw made.Lost(e);
        }
    }

    /// <summary>
    /// The library tells libldap the server's address with the first request only, and STARTTLS is none (dotnet/runtime
    /// issue 56619). So one goes before it, as nobody and about nothing; the password comes after.
    /// </summary>
    private void AskNothing()
    {
        try
        {
            _connection.SendRequest(new SearchRequest("", "(objectClass=*)", SearchScope.Base, "1.1"), TimeLimit);
        }
        catch (DirectoryOperationException e) when (e.Response is not null)
        {
            // Refused before TLS; but it is there.
        }
    }

    /// <summary>Null where the place to search is that of a user's domain, and there is none.</summary>
    private SearchResponse? Ask(SearchRequest request)
    {
        try
        {
            return (SearchResponse)_connection.SendRequest(request, TimeLimit);
        }
        catch (DirectoryOperationException e) when (
            _settings.Base.HasVariables && e.Response?.ResultCode == ResultCode.NoSuchObject)
        {
            return null;
        }
        catch (DirectoryOperationException e) when (e.Response is { } response)
        {
            throw response.ResultCode switch
            {
                ResultCode.NoSuchObject => new LimitSourceException(
                    $"{_place}: there is no {request.DistinguishedName}; check base in {_settings.Path}", inner: e),
                ResultCode.Busy or ResultCode.Unavailable => Lost(e),
                var code => new LimitSourceException(
                    $"{_place}: {code}; check user_filter and base in {_settings.Path}, and what dn may read",
                    inner: e),
            };
        }
        catch (LdapException e) when (e.ErrorCode is 87 or -7)
        {
            // LDAP_FILTER_ERROR of winldap.h and of ldap.h
            throw new LimitSourceException($"{_place}: the filter is not understood; check {_settings.Path}", inner: e);
        }
        catch (Exception e) when (e is DirectoryException or InvalidOperationException)
        {
            throw Lost(e);
        }
    }

    private LdapServerLostException Lost(Exception e)
    {
        var (what, cure) = e switch
        {
            LdapException { ErrorCode: 49 } => ("it refuses the login", $"check dn and dnpass in {_settings.Path}"),
            LdapException { ErrorCode: 85 or -5 } =>
                ($"no answer within {SqlDrivers.Seconds} s", "check the server"),
            DllNotFoundException or TypeInitializationException =>
                ("the library libldap is not installed",
                    "install the package libldap-2.5-0 or libldap2 (Debian, Ubuntu) or openldap (Fedora, RHEL)"),
            _ when _isSecure => (e.Message.TrimEnd('.'),
                "start the server, or check its certificate: it must have the host's name, and be signed by an "
                + $"authority of the system's or of tls_ca_cert_dir in {_settings.Path}"),
            _ => (e.Message.TrimEnd('.'), $"start the server, or check {_settings.Path}"),
        };
        return new LdapServerLostException(new LimitSourceException($"{_place}: {what}; {cure}", inner: e));
    }
}
