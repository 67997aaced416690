using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>
/// A certificate authority of our own, a server's certificate for one name that it has signed, and a second
/// authority that has signed nothing; as PEM files, and each authority in a directory as libldap wants it.
/// </summary>
internal sealed class Certificates
{
    public const string Right = "right";
    public const string Wrong = "wrong";

    private readonly string directory;

    /// <param name="directory">Where the files are put.</param>
    /// <param name="host">The name or address in the server's certificate.</param>
    public Certificates(string directory, string host)
    {
        this.directory = directory;
        var (now, later) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        using var authority = MakeAuthority(Right);
        using var other = MakeAuthority(Wrong);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var certificate = request.Create(authority, now, later, [1]);
        File.WriteAllText(Server, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem() + "\n");
        File.SetUnixFileMode(Key, UnixFileMode.UserRead);

        X509Certificate2 MakeAuthority(string name)
        {
            using var own = RSA.Create(2048);
            var self = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            self.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            self.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            var made = self.CreateSelfSigned(now, later);
            Directory.CreateDirectory(DirectoryOf(name));
            File.WriteAllText(FileOf(name), made.ExportCertificatePem() + "\n");
            return made;
        }
    }

    public string Server => Path.Combine(directory, "server.pem");

    public string Key => Path.Combine(directory, "server.key");

    public string DirectoryOf(string authority) => Path.Combine(directory, authority);

    public string FileOf(string authority) => Path.Combine(DirectoryOf(authority), "00000000.0");
}
