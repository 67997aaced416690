using System.DirectoryServices.Protocols;
using System.Globalization;

namespace MaildirQuotaWatcher.Limits;

/// <summary>What <see cref="LdapSource"/> needs of Dovecot's <c>dovecot-ldap.conf.ext</c>. Immutable.</summary>
internal sealed class LdapSettings
{
    private const int PlainPort = 389;
    private const int SecurePort = 636;

    /// <exception cref="LimitSourceException">Something is missing or not understood; no password is told.</exception>
    public LdapSettings(DovecotSettings settings)
    {
        Path = settings.Path;
        Servers = settings["uris"] is { } uris ? [.. Words(uris).Select(OfUri)]
            : [.. Words(settings.Require("hosts", "hosts = localhost")).Select(host => OfHost(host, PlainPort, false))];
        (Dn, Password) = (settings["dn"], settings["dnpass"]);
        Base = settings.Template("base") ?? throw Missing("base", "base = ou=people,dc=example,dc=org");
        UserFilter = settings.Template("user_filter") ?? throw Missing("user_filter", "user_filter = (uid=%u)");
        Attributes = LdapAttributes.Parse(settings.Require("user_attrs", Example));
        if (Attributes.Names.Count == 0)
            throw new LimitSourceException($"{Path}: user_attrs gives no quota field; add for example: {Example}");
        (Filter, NameAttribute) = (settings["iterate_filter"], "uid");
        foreach (var entry in (settings["iterate_attrs"] ?? "").Split(','))
            if (entry.Split('=', 2) is [var attribute, var field] && field.Trim() == "user")
                NameAttribute = attribute.Trim();
        Scope = settings["scope"] switch
        {
            null or "subtree" => SearchScope.Subtree,
            "onelevel" => SearchScope.OneLevel,
            "base" => SearchScope.Base,
            _ => throw new LimitSourceException($"{Path}: scope: use base, onelevel, or subtree"),
        };
        Aliases = settings["deref"] switch
        {
            null or "never" => DereferenceAlias.Never,
            "searching" => DereferenceAlias.InSearching,
            "finding" => DereferenceAlias.FindingBaseObject,
            "always" => DereferenceAlias.Always,
            _ => throw new LimitSourceException($"{Path}: deref: use never, searching, finding, or always"),
        };
        Version = settings["ldap_version"] switch
        {
            null or "3" => 3,
            "2" => 2,
            _ => throw new LimitSourceException($"{Path}: ldap_version: use 2 or 3"),
        };
        StartTls = settings["tls"] is "yes";
        CertificateDirectory = settings["tls_ca_cert_dir"];
        if (CertificateDirectory is { } directory && !Directory.Exists(directory))
            throw new LimitSourceException($"{Path}: tls_ca_cert_dir: there is no directory {directory}; make it, put "
                + $"the authority's certificate there, and run: openssl rehash {directory}");
        if (settings["tls_ca_cert_file"] is not null)
            throw new LimitSourceException($"{Path}: tls_ca_cert_file is not used here; add the certificate to the "
                + "system's (update-ca-certificates), or name a hashed directory with tls_ca_cert_dir");
        if (settings["sasl_bind"] is "yes")
            throw new LimitSourceException($"{Path}: sasl_bind is not possible here; give dn and dnpass");
    }

    private const string Example = "user_attrs = quotaBytes=quota_rule=*:bytes=%$";

    public string Path { get; }

    /// <summary>Tried in their order.</summary>
    public IReadOnlyList<(string Host, int Port, bool Secure)> Servers { get; }

    public string? Dn { get; }

    public string? Password { get; }

    public UserTemplate Base { get; }

    public UserTemplate UserFilter { get; }

    /// <summary>Finds everybody; null when that is not wanted.</summary>
    public string? Filter { get; }

    /// <summary>What holds a user's name when everybody is asked for.</summary>
    public string NameAttribute { get; }

    public LdapAttributes Attributes { get; }

    public SearchScope Scope { get; }

    public DereferenceAlias Aliases { get; }

    public int Version { get; }

    public bool StartTls { get; }

    public string? CertificateDirectory { get; }

    private static string[] Words(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private (string Host, int Port, bool Secure) OfUri(string uri) =>
        uri.StartsWith("ldap://", StringComparison.Ordinal) ? OfHost(uri[7..].TrimEnd('/'), PlainPort, false)
        : uri.StartsWith("ldaps://", StringComparison.Ordinal) ? OfHost(uri[8..].TrimEnd('/'), SecurePort, true)
        : throw new LimitSourceException($"{Path}: uris: use ldap://host or ldaps://host; "
            + "for ldapi, let the server listen on ldap://127.0.0.1 too");

    private (string Host, int Port, bool Secure) OfHost(string text, int port, bool secure)
    {
        var host = text.Length == 0 ? "localhost" : text;
        var colon = host.LastIndexOf(':');
        if (colon > 0 && (host.IndexOf(':') == colon || host[colon - 1] == ']'))
        {
            if (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port > 65535)
                throw new LimitSourceException($"{Path}: the port of {text} is not a number");
            host = host[..colon];
        }

        return (host, port, secure);
    }

    private LimitSourceException Missing(string key, string example) =>
        new($"{Path}: there is no '{key}'; add for example: {example}");
}
