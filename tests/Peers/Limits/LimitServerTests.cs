using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>Limits from real servers: right for every name, and unchanged whatever happens to the server.</summary>
public sealed class LimitServerTests(LimitServers servers) : IClassFixture<LimitServers>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly LimitOptions Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(200),
        AnswerWithin = Patience,
    };

    /// <summary>What would be read as something else, were it pasted.</summary>
    private static readonly string[] HostileNames =
    [
        "o'brien", "x' OR '1'='1", "\\' OR 1=1 -- ", "'; DROP TABLE users; --", "\"quoted\"", "100%u%%n", "%d",
        "a*", "*)(uid=*", "a\\2a", "(", "back\\slash\\", "new\nline", "tab\there", "ünï@exämple.test", "😀@ex.test",
        "a,b=c+d;e#f<g>", "{$1}@p0", "-- x",
    ];

    public static TheoryData<string> Servers => ["PostgreSQL", "MariaDB", "SQLite", "slapd"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Find_HostileNames_EachHasHisOwn(string name)
    {
        var server = servers.Running(name);
        server.Set([.. HostileNames.Select((user, i) => (user, (long?)(1000 + i))), ("none", null)]);
        await using var source = Source(server, new LogLines());
        for (var i = 0; i < HostileNames.Length; i++)
        {
            var fields = await source.FindAsync(HostileNames[i], default);
            Assert.Equal($"quota_rule=*:bytes={1000 + i}", fields?.ToString());
        }

        Assert.Equal(UserFields.Empty, await source.FindAsync("none", default));
        foreach (var stranger in new[] { "stranger", "' OR 1=1 OR '", "o*", "%", "_", "*", "" })
            Assert.Null(await source.FindAsync(stranger, default));
        var all = await source.ReadAllAsync(default);
        Assert.Equal(HostileNames.Length + 1, all!.Count);
        for (var i = 0; i < HostileNames.Length; i++)
            Assert.Equal($"quota_rule=*:bytes={1000 + i}", all[HostileNames[i]].ToString());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ReadAll_Many_IsEverybody(string name)
    {
        var server = servers.Running(name);
        var users = Enumerable.Range(0, 1300).Select(i => $"user{i}@ex.test").ToArray();
        server.Set([.. users.Select(user => (user, (long?)5000))]);
        await using var source = Source(server, new LogLines());
        var all = await source.ReadAllAsync(default);
        Assert.Equal(users.Order(), all!.Keys.Order());
        Assert.All(users, user => Assert.Same(all[users[0]], all[user]));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Stopped_NoLimitChanges_OneLine_AndHealed(string name)
    {
        var server = servers.Running(name);
        using var state = new ScratchDirectory();
        server.Set(("rj", 1000), ("b", 2000));
        var log = new LogLines();
        await using (var service = Serve(server, state, log))
        {
            await service.WarmAsync(["rj", "b", "nobody"]);
            AssertLimits(service, 1000, 2000);

            server.Stop();
            for (var i = 0; i < 5; i++)
                await service.RefreshAllAsync();
            AssertLimits(service, 1000, 2000);
            Assert.Contains(" does not answer: ", Assert.Single(log.Lines));

            server.Start();
            AssertHealed(log);
            server.Set(("rj", 3000));
            await service.RefreshAllAsync();
            AssertLimits(service, 3000, 2000);
            server.Stop();
        }

        // Killed and begun anew while the server is away.
        var second = new LogLines();
        await using (var service = Serve(server, state, second))
        {
            AssertLimits(service, 3000, 2000);
            await service.WarmAsync(["rj", "b", "nobody"]);
            AssertLimits(service, 3000, 2000);
            server.Start();
            AssertHealed(second);
            server.Set(("b", 4000));
            await service.RefreshAllAsync();
            AssertLimits(service, 3000, 4000);
        }

        AssertNoPassword(log, second);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Restarted_BetweenTwoQuestions_IsNotNoticed(string name)
    {
        var server = servers.Running(name);
        server.Set(("rj", 1000));
        await using var source = Source(server, new LogLines());
        Assert.NotNull(await source.FindAsync("rj", default));
        server.Stop();
        server.Start();
        Assert.NotNull(await source.FindAsync("rj", default));
    }

    [Theory]
    [InlineData("MariaDB")]
    [InlineData("slapd")]
    public async Task Hung_NoLimitChanges_OneLine_AndHealed(string name)
    {
        var server = servers.Running(name);
        using var state = new ScratchDirectory();
        server.Set(("rj", 1000), ("b", 2000));
        if (server is MariaDbServer)
            server.Reconfigure("read_timeout=30", "read_timeout=3");
        var log = new LogLines();
        await using var service = Serve(server, state, log, Quick with { AnswerWithin = TimeSpan.FromSeconds(4) });
        await service.WarmAsync(["rj", "b"]);
        server.Hang();
        await service.RefreshAllAsync();
        AssertLimits(service, 1000, 2000);
        Assert.Single(log.Lines);
        server.GoOn();
        AssertHealed(log);
        server.Set(("rj", 3000));
        await service.RefreshAllAsync();
        AssertLimits(service, 3000, 2000);
    }

    [Theory]
    [InlineData("PostgreSQL")]
    [InlineData("MariaDB")]
    [InlineData("slapd")]
    public async Task WrongPassword_IsTold_AndACorrectedFileHeals(string name)
    {
        var server = servers.Running(name);
        using var state = new ScratchDirectory();
        server.Set(("rj", 1000));
        var log = new LogLines();
        server.Configure("wr0ng");
        await using var service = Serve(server, state, log);
        await service.WarmAsync(["rj"]);
        Assert.Null(service.Get("rj"));
        var line = Assert.Single(log.Lines);
        Assert.Contains(server.Source[(server.Source.IndexOf(':') + 1)..], line);
        Assert.Contains("check ", line);
        Assert.DoesNotContain("wr0ng", line);
        server.Configure(LimitServer.Password);
        await service.RefreshAsync(service.Sources[0]);
        Assert.Equal("*:bytes=1000", Bytes(service, "rj"));
        AssertNoPassword(log);
    }

    [Fact]
    public async Task Find_NameWhereThereAreNumbers_IsHisAlone()
    {
        var server = servers.Running("PostgreSQL");
        server.Set(("rj", 1000));
        server.Reconfigure("name = '%u'", "bytes = '%u'");
        await using var source = Source(server, new LogLines());
        Assert.NotNull(await source.FindAsync("1000", default));
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.True(e.OnlyThisUser, e.Message);
        Assert.NotNull(await source.FindAsync("1000", default));
        Assert.Null(await source.FindAsync("\ud800", default));
        Assert.Null(await source.FindAsync("\0", default));
    }

    [Fact]
    public async Task Find_DomainWithoutAPlace_IsUnknown()
    {
        var server = servers.Running("slapd");
        server.Set(("rj", 1000));
        server.Reconfigure("base = ou=people", "base = ou=%d");
        server.Reconfigure("uid=%u", "uid=%n");
        await using var source = Source(server, new LogLines());
        Assert.NotNull(await source.FindAsync("rj@people", default));
        Assert.Null(await source.FindAsync("rj@nowhere", default));
        Assert.Null(await source.FindAsync("rj@people,dc=peers", default));
        Assert.Null(await source.ReadAllAsync(default));
    }

    /// <summary>Whatever the server takes for the same name, one user asked for alone and among many has one limit.</summary>
    [Theory]
    [InlineData("MariaDB, folding")]
    [InlineData("MariaDB")]
    [InlineData("PostgreSQL")]
    [InlineData("SQLite")]
    [InlineData("slapd")]
    public async Task Get_NamesThatDifferLittle_AreTheSameAloneAndAmongMany(string name)
    {
        string[] alike =
        [
            "alice", "Alice", "ALICE", "alice ", " alice", "alice  b", "alice b", "\u00e4lice", "alic\u00e9", "m\u00fcller", "muller",
            "\u0130x", "ix", "stra\u00dfe", "strase", "strasse",
        ];
        var server = servers.Running(name.Split(',')[0]);
        if (server is MariaDbServer maria && name != "MariaDB")
            maria.SetFolding(("alice", 1000), ("alice b", 2000), ("m\u00fcller", 3000), ("ix", 4000), ("stra\u00dfe", 5000));
        else
            server.Set(("alice", 1000), ("alice b", 2000), ("m\u00fcller", 3000), ("ix", 4000), ("stra\u00dfe", 5000));
        await using var source = Source(server, new LogLines());
        var alone = new List<string?>();
        foreach (var user in alike)
            alone.Add((await source.FindAsync(user, default))?["quota_rule"]);
        Assert.Equal(["*:bytes=1000", "*:bytes=2000", "*:bytes=3000"], new[] { 0, 6, 9 }.Select(i => alone[i]));
        Assert.Equal(name is "MariaDB, folding" or "slapd" ? alone[0] : null, alone[1]);

        using var state = new ScratchDirectory();
        await using var service = Serve(server, state, new LogLines());
        await service.WarmAsync([.. alike, .. Enumerable.Range(0, 200).Select(i => $"u{i}")]);
        Assert.Equal(alike.Zip(alone), alike.Zip(alike.Select(user => Bytes(service, user))));
    }

    /// <summary>Two whom the server takes for one: nobody gets the other's limit when he is asked for alone.</summary>
    [Fact]
    public async Task Find_TwoOfOneNameByCollation_IsAnErrorOfThatUser()
    {
        var server = (MariaDbServer)servers.Running("MariaDB");
        server.SetFolding(("Alice", 1000), ("alice", 2000));
        await using var source = Source(server, new LogLines());
        foreach (var user in (string[])["alice", "Alice", "ALICE"])
        {
            var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync(user, default));
            Assert.True(e.OnlyThisUser);
            Assert.Contains("several rows for " + user, e.Message);
        }
    }

    private static ILimitSource Source(LimitServer server, LogLines log)
    {
        Assert.True(LimitSourceSpec.TryParse(server.Source, out var spec, out var error), error);
        return spec.Create(log.Log);
    }

    private static LimitService Serve(
        LimitServer server, ScratchDirectory state, LogLines log, LimitOptions? options = null) =>
        new([Source(server, log)], new LimitStore(state.Location, log.Log), options ?? Quick, log.Log);

    private static string? Bytes(LimitService service, string user) => service.Get(user)?["quota_rule"];

    private static void AssertLimits(LimitService service, long rj, long b)
    {
        Assert.Equal($"*:bytes={rj}", Bytes(service, "rj"));
        Assert.Equal($"*:bytes={b}", Bytes(service, "b"));
    }

    /// <summary>One line when it went down, one when it is back, nothing else.</summary>
    private static void AssertHealed(LogLines log)
    {
        var healed = Poll.Until(() => log.Lines.Length > 1, Patience);
        Assert.True(healed, string.Join('\n', log.Lines));
        Assert.Equal(2, log.Lines.Length);
        Assert.Contains(" does not answer: ", log.Lines[0]);
        Assert.Contains(" answers again, ", log.Lines[1]);
    }

    private static void AssertNoPassword(params LogLines[] logs) =>
        Assert.All(logs.SelectMany(log => log.Lines), line => Assert.DoesNotContain("w0rd", line));
}
