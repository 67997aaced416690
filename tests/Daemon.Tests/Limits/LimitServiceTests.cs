using System.Collections.Concurrent;
using MaildirQuotaWatcher.Daemon.Tests.Running;
using MaildirQuotaWatcher.Daemon.Tests.Warnings;
using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class LimitServiceTests : IDisposable
{
    private static readonly UserFields One = FakeSource.Rule("*:storage=1G");
    private static readonly UserFields Two = FakeSource.Rule("*:storage=2G");

    private static readonly LimitOptions Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(20),
    };

    private readonly ScriptDirectory _dir = new();
    private readonly ConcurrentQueue<string> _changed = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Get_Unknown_IsAskedInTheBackground()
    {
        var source = new FakeSource { Users = { ["rj"] = One } };
        await using var service = Serve(source);
        Assert.Null(service.Get("rj"));
        Poll.Until(() => _changed.Contains("rj"), () => "nobody told of the change");
        Assert.Equal(One, service.Get("rj"));
        Assert.Same(source, service.SourceOf("rj"));
    }

    [Fact]
    public async Task Warm_TheFirstSourceThatKnowsHim_Wins()
    {
        var (first, second) = (new FakeSource("a") { Users = { ["rj"] = One } },
            new FakeSource("b", givesEverybody: true) { Users = { ["rj"] = Two, ["b"] = Two } });
        await using var service = Serve(first, second);
        await service.WarmAsync(["rj", "b", "nobody"]);
        Assert.Equal(One, service.Get("rj"));
        Assert.Equal(Two, service.Get("b"));
        Assert.Null(service.Get("nobody"));
        Assert.Null(service.SourceOf("nobody"));
        // That nobody knows him is an answer, too: until it comes his limit is not touched.
        Assert.Equal(["b", "nobody", "rj"], _changed.Order());
        Assert.True(service.HasAsked("nobody"));
        Assert.False(service.HasAsked("never asked"));
    }

    [Fact]
    public async Task Warm_ManyUsers_AreOneQuestionAndShareOneObject()
    {
        var source = new FakeSource(givesEverybody: true);
        var users = Enumerable.Range(0, 100_000).Select(i => $"u{i}").ToArray();
        foreach (var user in users)
            source.Users[user] = FakeSource.Rule("*:storage=1G");
        await using var service = Serve(source);
        await service.WarmAsync(users);
        Assert.Equal(1, source.Asked);
        Assert.All(users, user => Assert.Same(service.Get("u0"), service.Get(user)));
        Assert.Equal(users.Length, _changed.Count);
    }

    [Fact]
    public async Task Warm_NameInAnotherCase_IsForTheSourceToDecide()
    {
        var source = new FakeSource(givesEverybody: true) { Users = { ["rj"] = One }, FoldsCase = true };
        await using var service = Serve(source);
        await service.WarmAsync(["RJ", .. Enumerable.Range(0, 200).Select(i => $"u{i}")]);
        Assert.Equal(One, service.Get("RJ"));
        Assert.Equal(2, source.Asked);
        source.FoldsCase = false;
        await service.RefreshAllAsync();
        Assert.Null(service.Get("RJ"));
    }

    [Fact]
    public async Task Down_NoLimitChanges_OneLine_AndWhatChangedMeanwhileIsSeenWhenItIsBack()
    {
        var (first, second) = (new FakeSource("a") { Users = { ["rj"] = One } },
            new FakeSource("b") { Users = { ["rj"] = Two, ["new"] = Two } });
        await using var service = Serve(first, second);
        await service.WarmAsync(["rj"]);
        first.Down = new LimitSourceException("server: no; start it");
        first.Users["rj"] = Two;
        var asked = first.Asked;
        await service.RefreshAllAsync();
        await service.RefreshAsync("new");
        Poll.Until(() => first.Asked > asked + 4, () => "it was not tried again");
        Assert.Equal(One, service.Get("rj"));
        // The first may know him otherwise.
        Assert.Null(service.Get("new"));
        Assert.Equal(["Warning: a does not answer: server: no; start it. All limits stay as they are; it is tried again"],
            _dir.Lines);
        first.Down = null;
        Poll.Until(() => service.Get("rj") == Two && service.Get("new") == Two, () => "it did not heal");
        Poll.Until(() => _changed.Count == 3, () => $"told of {string.Join(", ", _changed)}");
        Assert.Equal(2, _dir.Lines.Length);
        Assert.StartsWith("Information: a answers again, after ", _dir.Lines[1]);
        Assert.Equal(["rj", "rj", "new"], _changed.OrderDescending());
    }

    [Fact]
    public async Task Restart_WhileTheSourceIsDown_KeepsTheLastAnswers()
    {
        var source = new FakeSource { Users = { ["rj"] = One, ["b"] = Two } };
        await using (var service = Serve(new LimitStore(_dir.State, _dir.Log), source))
            await service.WarmAsync(["rj", "b", "nobody"]);
        var down = new FakeSource { Down = new LimitSourceException("no"), Users = { ["rj"] = Two, ["b"] = Two } };
        await using var again = Serve(new LimitStore(_dir.State, _dir.Log), down);
        Assert.Equal(One, again.Get("rj"));
        await again.WarmAsync(["rj", "b"]);
        Assert.Equal(One, again.Get("rj"));
        Assert.Equal(Two, again.Get("b"));
        down.Down = null;
        Poll.Until(() => again.Get("rj") == Two, () => "it did not heal");
    }

    [Fact]
    public async Task Restart_UsersWithoutMailbox_AreForgotten()
    {
        await using (var service = Serve(new LimitStore(_dir.State, _dir.Log), new FakeSource { Users = { ["rj"] = One, ["b"] = One } }))
            await service.WarmAsync(["rj", "b"]);
        await using (var service = Serve(new LimitStore(_dir.State, _dir.Log), new FakeSource { Users = { ["rj"] = One, ["b"] = One } }))
        {
            await service.WarmAsync(["b"]);
            service.ForgetAllBut(new HashSet<string>());
            service.ForgetAllBut(new HashSet<string>());
        }

        using var store = new LimitStore(_dir.State, _dir.Log);
        Assert.Empty(store.ReadAll("fake:/a"));
    }

    [Fact]
    public async Task ForgetAllBut_WhoIsBackTheNextTime_IsNotAskedForAgain()
    {
        var source = new FakeSource { Users = { ["rj"] = One, ["b"] = One } };
        await using var service = Serve(source);
        await service.WarmAsync(["rj", "b"]);
        service.ForgetAllBut(new HashSet<string> { "b" });
        service.ForgetAllBut(new HashSet<string> { "rj" });
        service.ForgetAllBut(new HashSet<string> { "rj" });
        Assert.True(service.HasAsked("rj"));
        Assert.False(service.HasAsked("b"));
    }

    [Fact]
    public async Task Refresh_OneSource_AsksOnlyThere()
    {
        var (first, second, third) = (new FakeSource("a") { Users = { ["a"] = One } },
            new FakeSource("b") { Users = { ["b"] = One } }, new FakeSource("c") { Users = { ["c"] = One, ["d"] = One } });
        await using var service = Serve(first, second, third);
        await service.WarmAsync(["a", "b", "c", "d"]);
        var (askedFirst, askedThird) = (first.Asked, third.Asked);
        second.Users["a"] = second.Users["c"] = Two;
        second.Users.TryRemove("b", out _);
        third.Users["b"] = Two;
        await service.RefreshAsync(second);
        Assert.Equal([One, Two, Two, One], new[] { "a", "b", "c", "d" }.Select(service.Get));
        Assert.Equal(askedFirst, first.Asked);
        Assert.Equal(askedThird + 1, third.Asked);
    }

    [Fact]
    public async Task Refresh_OneSourceWhileAnotherIsDown_ForgetsNobody()
    {
        var (first, second) = (new FakeSource("a") { Users = { ["rj"] = One } }, new FakeSource("b"));
        first.Down = new LimitSourceException("no");
        await using var service = Serve(first, second);
        await service.WarmAsync(["rj"]);
        await service.RefreshAsync(second);
        await service.RefreshAsync(second);
        first.Down = null;
        Poll.Until(() => service.Get("rj") == One, () => "it did not heal");
    }

    [Fact]
    public async Task Refresh_UserGoneFromTheSource_HasNoFieldsAnyMore()
    {
        var source = new FakeSource { Users = { ["rj"] = One } };
        await using var service = Serve(source);
        await service.WarmAsync(["rj"]);
        source.Users.Clear();
        await service.RefreshAsync("rj");
        Assert.Null(service.Get("rj"));
        Assert.Equal(["rj", "rj"], _changed);
    }

    [Fact]
    public async Task Find_WrongEntry_KeepsHisLimitAndIsToldOnce()
    {
        var source = new FakeSource { Users = { ["rj"] = One, ["b"] = One } };
        await using var service = Serve(source);
        await service.WarmAsync(["rj", "b"]);
        source.Wrong["rj"] = true;
        source.Users["b"] = Two;
        await service.RefreshAllAsync();
        await service.RefreshAllAsync();
        Assert.Equal([One, Two], new[] { "rj", "b" }.Select(service.Get));
        Assert.Equal(["Warning: the entry of rj is wrong; the limit stays as it was"], _dir.Lines);
        Assert.Equal([("rj", "the entry of rj is wrong")], service.Refused);
        source.Wrong.Clear();
        await service.RefreshAllAsync();
        Assert.Empty(service.Refused);
    }

    [Fact]
    public async Task ReadAll_WrongForEverybody_IsDownAndHeals()
    {
        var source = new FakeSource(givesEverybody: true) { Users = { ["u7"] = One } };
        var users = Enumerable.Range(0, 200).Select(i => $"u{i}").ToArray();
        await using var service = Serve(source);
        await service.WarmAsync(users);
        source.Down = new LimitSourceException("bad data", onlyThisUser: true);
        await service.RefreshAllAsync();
        Assert.Equal(One, service.Get("u7"));
        source.Down = null;
        source.Users["u7"] = Two;
        Poll.Until(() => service.Get("u7") == Two, () => "it did not heal");
        Assert.Contains("does not answer: bad data", _dir.Lines[0]);
    }

    [Fact]
    public async Task Find_HungSource_IsDown_AndGetStillAnswers()
    {
        var source = new FakeSource { Users = { ["rj"] = One } };
        await using var service = new LimitService([source], null,
            Quick with { AnswerWithin = TimeSpan.FromMilliseconds(50) }, _dir.Log);
        await service.WarmAsync(["rj"]);
        source.Hold = new TaskCompletionSource();
        var refreshing = service.RefreshAllAsync();
        Assert.Equal(One, service.Get("rj"));
        await refreshing;
        Assert.Equal(One, service.Get("rj"));
        Assert.Contains("no answer within 0.05 s", Assert.Single(_dir.Lines));
    }

    [Fact]
    public async Task Age_Over_EverybodyIsAskedForAgain()
    {
        var (one, all) = (new FakeSource("a") { Users = { ["rj"] = One } },
            new FakeSource("b", givesEverybody: true) { Users = { ["rj"] = One } });
        foreach (var source in new[] { one, all })
        {
            await using var service = new LimitService([source], null,
                Quick with { Refresh = TimeSpan.FromMilliseconds(50) }, _dir.Log);
            await service.WarmAsync(["rj", .. Enumerable.Range(0, 200).Select(i => $"u{i}")]);
            source.Users["rj"] = source.Users["u7"] = Two;
            Poll.Until(() => service.Get("rj") == Two && service.Get("u7") == Two, () => "the age was not looked at");
        }
    }

    [Fact]
    public async Task Dispose_WhileAsking_EndsAndReleasesEverything()
    {
        var source = new FakeSource { Hold = new TaskCompletionSource() };
        var service = Serve(source);
        var warming = service.WarmAsync(["rj"]);
        Poll.Until(() => source.Asked > 0, () => "it was not asked");
        await service.DisposeAsync();
        await warming;
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task Changed_HandlerThatFails_EndsNothing()
    {
        var source = new FakeSource { Users = { ["rj"] = One } };
        await using var service = Serve(source);
        service.Changed += _ => throw new InvalidOperationException("mine");
        await service.WarmAsync(["rj"]);
        source.Users["rj"] = Two;
        await service.RefreshAllAsync();
        Assert.Equal(Two, service.Get("rj"));
        Assert.Contains(_dir.Lines, line => line.StartsWith("Error: ") && line.Contains("mine"));
    }

    [Fact]
    public async Task SetSources_OthersAndDown_EverybodyKeepsWhatHeHas_AlsoAcrossARestart()
    {
        var (kept, gone) = (new FakeSource("kept") { Users = { ["k"] = One } }, new FakeSource("gone") { Users = { ["g"] = One } });
        var added = new FakeSource("added") { Down = new LimitSourceException("no"), Users = { ["k"] = Two, ["g"] = Two } };
        await using (var service = Serve(new LimitStore(_dir.State, _dir.Log), kept, gone))
        {
            await service.WarmAsync(["k", "g"]);
            await service.SetSourcesAsync([added, kept], TimeSpan.FromHours(1), ["k", "g"]);
            Assert.Equal([added, kept], service.Sources);
            Assert.True(gone.IsDisposed);
            Assert.False(kept.IsDisposed);
            Assert.Equal([One, One], new[] { "k", "g" }.Select(service.Get));
            Assert.Equal(["g", "k"], _changed.Order());
        }

        var again = new FakeSource("added") { Down = added.Down };
        await using (var service = Serve(new LimitStore(_dir.State, _dir.Log), again, new FakeSource("kept")))
        {
            await service.WarmAsync(["k", "g"]);
            Assert.Equal([One, One], new[] { "k", "g" }.Select(service.Get));
            again.Users["k"] = Two;
            again.Down = null;
            Poll.Until(() => service.Get("k") == Two && service.Get("g") is null, () => "it did not heal");
        }
    }

    [Fact]
    public async Task SetSources_FromNoneAndToNone_NobodyIsAskedForBeforeAndAfter()
    {
        var source = new FakeSource { Users = { ["rj"] = One } };
        await using var service = Serve(new LimitStore(_dir.State, _dir.Log));
        Assert.Null(service.Get("rj"));
        Assert.True(service.HasAsked("rj"));
        await service.WarmAsync(["rj"]);
        Assert.False(File.Exists(Path.Combine(_dir.State, "limits.db")));

        source.Hold = new TaskCompletionSource();
        var setting = service.SetSourcesAsync([source], TimeSpan.FromHours(1), ["rj", "nobody"]);
        Poll.Until(() => source.Asked > 0, () => "it is not asked");
        Assert.False(service.HasAsked("rj"));
        source.Hold.SetResult();
        await setting;
        Assert.Equal(One, service.Get("rj"));
        Assert.True(service.HasAsked("nobody"));

        await service.SetSourcesAsync([], TimeSpan.FromHours(1), ["rj", "nobody"]);
        Assert.Null(service.Get("rj"));
        Assert.True(service.HasAsked("rj"));
        Assert.Equal(["rj", "rj"], _changed.Where(user => user == "rj"));
    }

    [Fact]
    public async Task Save_FileThatCannotBeMade_IsStoredLater_WithoutAnyChange()
    {
        Directory.CreateDirectory(Path.Combine(_dir.State, "limits.db"));
        await using (var service = Serve(new LimitStore(_dir.State, _dir.Log), new FakeSource { Users = { ["rj"] = One } }))
        {
            await service.WarmAsync(["rj"]);
            Assert.Single(_dir.Lines);
            Directory.Delete(Path.Combine(_dir.State, "limits.db"));
            Poll.Until(() => _dir.Lines.Length == 2, () => "it is not tried again");
            Assert.Contains("can be written again", _dir.Lines[1]);
        }

        using var store = new LimitStore(_dir.State, _dir.Log);
        Assert.Single(store.ReadAll("fake:/a"));
    }

    private LimitService Serve(params FakeSource[] sources) => Serve(null, sources);

    private LimitService Serve(LimitStore? store, params FakeSource[] sources)
    {
        var service = new LimitService(sources, store, Quick, _dir.Log);
        service.Changed += users =>
        {
            foreach (var user in users)
                _changed.Enqueue(user);
        };
        return service;
    }
}
