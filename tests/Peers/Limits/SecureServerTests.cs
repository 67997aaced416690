using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>Servers asked over TLS: with the right authority, a wrong one, and under a wrong name.</summary>
public sealed class SecureServerTests(LimitServers servers) : IClassFixture<LimitServers>
{
    public static TheoryData<string, string> Ways => new()
    {
        { "PostgreSQL", "" }, { "MariaDB", "" }, { "slapd", "ldaps" }, { "slapd", "starttls" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Find_RightAuthority_IsAnsweredOverTls(string name, string way)
    {
        var server = servers.Running(name);
        server.Set(("rj", 1000));
        server.Secure(Certificates.Right, server.Names.Right, way);
        await using var source = Source(server);
        Assert.Equal("quota_rule=*:bytes=1000", (await source.FindAsync("rj", default))?.ToString());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Find_WrongAuthority_IsRefused_NamingTheCure(string name, string way)
    {
        var server = servers.Running(name);
        server.Set(("rj", 1000));
        server.Secure(Certificates.Wrong, server.Names.Right, way);
        await AssertRefusedAsync(server, name);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Find_WrongName_IsRefused_NamingTheCure(string name, string way)
    {
        var server = servers.Running(name);
        server.Set(("rj", 1000));
        server.Secure(Certificates.Right, server.Names.Wrong, way);
        await AssertRefusedAsync(server, name);
    }

    /// <summary>What the loader says where the library is not: it finds an empty file in its place.</summary>
    [Fact]
    public void Find_WithoutTheLibrary_NamesThePackage()
    {
        var server = servers.Running("MariaDB");
        using var scratch = new ScratchDirectory();
        var config = Path.Combine(scratch.Location, "test.conf");
        File.WriteAllText(config, $"""
            [mailboxes]
            locations = {scratch.Location}/%u/Maildir
            [limits]
            source = {server.Source}
            [state]
            directory = {scratch.Location}/state
            """);
        var library = new Command("sh", "-c", "/sbin/ldconfig -p | sed -n 's/.*libmariadb.so.3 .*=> //p' | head -n 1")
            .Run().Output.Trim();
        Assert.NotEmpty(library);
        var check = new Command("unshare", "-m", "sh", "-c", "mount --bind /dev/null \"$1\" && exec \"$2\" check-config "
            + "--config \"$3\"", "sh", library, Repository.DaemonBinary, config) { ExpectedExits = new HashSet<int> { 3 } }.Run();
        Assert.Contains("the library libmariadb.so.3 is not installed; install the package libmariadb3 (Debian, Ubuntu) or "
            + "mariadb-connector-c (Fedora, RHEL)", check.Errors, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(LimitServer server, string name)
    {
        await using var source = Source(server);
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.False(e.OnlyThisUser);
        Assert.Contains(name switch
        {
            "PostgreSQL" => "; check sslmode, sslrootcert and host in /",
            "MariaDB" => "; check ssl_ca, ssl_verify_server_cert and host in /",
            _ => "check its certificate: it must have the host's name",
        }, e.Message);
        Assert.DoesNotContain("w0rd", e.Message);
    }

    private static ILimitSource Source(LimitServer server)
    {
        Assert.True(LimitSourceSpec.TryParse(server.Source, out var spec, out var error), error);
        return spec.Create(new LogLines().Log);
    }
}
