using System.DirectoryServices.Protocols;
using System.Net;
using System.Text;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>OpenLDAP's slapd on a port of the loopback. The limit is in employeeNumber: no schema of our own.</summary>
internal sealed class SlapdServer : LimitServer
{
    private const string Root = "cn=admin,dc=peers";

    private readonly int port = FreePort();
    private readonly int securePort = FreePort();
    private readonly Certificates certificates;

    public SlapdServer()
    {
        Configure(Password);
        Directory.CreateDirectory(At("ldap"));
        certificates = new Certificates(At("tls"), Names.Right);
        File.WriteAllText(At("slapd.conf"), $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {At("slapd.pid")}
            TLSCertificateFile {certificates.Server}
            TLSCertificateKeyFile {certificates.Key}
            TLSCACertificateFile {certificates.FileOf(Certificates.Right)}
            database mdb
            suffix "dc=peers"
            rootdn "{Root}"
            rootpw "{Password}"
            directory {At("ldap")}
            index objectClass,uid eq
            dbnosync
            maxsize 1073741824
            sizelimit 500
            limits dn.exact="{Root}" size.soft=500 size.hard=unlimited

            """);
        File.WriteAllText(At("init.ldif"), """
            dn: dc=peers
            objectClass: dcObject
            objectClass: organization
            o: peers
            dc: peers

            dn: ou=people,dc=peers
            objectClass: organizationalUnit
            ou: people

            """);
        Run("slapadd", "-f", At("slapd.conf"), "-l", At("init.ldif"));
    }

    public override void Clear()
    {
        using var connection = Connect();
        var everybody = new SearchRequest("ou=people,dc=peers", "(objectClass=inetOrgPerson)", SearchScope.OneLevel, "cn");
        everybody.Controls.Add(new PageResultRequestControl(5000));
        foreach (SearchResultEntry entry in ((SearchResponse)connection.SendRequest(everybody)).Entries)
            connection.SendRequest(new DeleteRequest(entry.DistinguishedName));
    }

    public override void Set(params IReadOnlyList<(string User, long? Bytes)> users)
    {
        using var connection = Connect();
        foreach (var (user, bytes) in users)
        {
            // The name of the entry is not that of the user, so that any name can be one.
            var dn = $"cn={Convert.ToHexString(Encoding.UTF8.GetBytes(user))},ou=people,dc=peers";
            try
            {
                connection.SendRequest(new DeleteRequest(dn));
            }
            catch (DirectoryOperationException e) when (e.Response.ResultCode == ResultCode.NoSuchObject)
            {
                // the first time
            }

            var add = new AddRequest(dn, "inetOrgPerson");
            add.Attributes.Add(new DirectoryAttribute("sn", "x"));
            add.Attributes.Add(new DirectoryAttribute("uid", user));
            if (bytes is not null)
                add.Attributes.Add(new DirectoryAttribute("employeeNumber", bytes.ToString()!));
            connection.SendRequest(add);
        }
    }

    public override void Configure(string password)
    {
        Source = $"ldap:{At("ldap.conf")}";
        File.WriteAllText(At("ldap.conf"), $"""
            hosts = 127.0.0.1:{port}
            dn = {Root}
            dnpass = "{password}"
            base = ou=people,dc=peers
            scope = subtree
            user_filter = (&(objectClass=inetOrgPerson)(uid=%u))
            user_attrs = homeDirectory=home,employeeNumber=quota_rule=*:bytes=%$
            iterate_attrs = uid=user
            iterate_filter = (objectClass=inetOrgPerson)
            """);
    }

    /// <remarks>libldap takes localhost for the name of this machine.</remarks>
    public override (string Right, string Wrong) Names => ("127.0.0.1", "localhost");

    public override void Secure(string authority, string host, string way = "")
    {
        Configure(Password);
        Reconfigure($"hosts = 127.0.0.1:{port}",
            (way == "ldaps" ? $"uris = ldaps://{host}:{securePort}" : $"uris = ldap://{host}:{port}\ntls = yes")
            + $"\ntls_ca_cert_dir = {certificates.DirectoryOf(authority)}");
    }

    protected override void Begin() =>
        Process = new ServerProcess("/usr/sbin/slapd", "-f", At("slapd.conf"), "-h",
            $"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{securePort}/", "-d", "0").Await(Answers);

    private LdapConnection Connect()
    {
        var connection = new LdapConnection(new LdapDirectoryIdentifier("127.0.0.1", port))
        {
            AuthType = AuthType.Basic,
        };
        connection.SessionOptions.ProtocolVersion = 3;
        connection.Bind(new NetworkCredential(Root, Password));
        return connection;
    }

    private bool Answers()
    {
        try
        {
            Connect().Dispose();
            return true;
        }
        catch (LdapException)
        {
            return false;
        }
    }
}
