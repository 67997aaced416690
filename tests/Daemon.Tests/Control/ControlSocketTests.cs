using System.Net.Sockets;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Daemon.Tests.Running;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Control;

public sealed class ControlSocketTests : IDisposable
{
    private readonly ScratchDirectory _state = new();

    public void Dispose() => _state.Dispose();

    [Fact]
    public async Task Ask_Service_AnswersWithWhatItWasAsked()
    {
        using var socket = ControlSocket.Listen(_state.FullName, words => Task.FromResult(string.Join('|', words)))!;
        var (answer, problem) = await ControlSocket.AskAsync(
            _state.FullName, ["refresh", "rj@example.org", "ü"], TestContext.Current.CancellationToken);
        Assert.Null(problem);
        Assert.Equal("refresh|rj@example.org|ü", answer);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_state.FullName, "control")));
    }

    [Fact]
    public async Task Ask_NobodyThere_SaysSo()
    {
        var (answer, problem) = await ControlSocket.AskAsync(
            _state.FullName, ["refresh"], TestContext.Current.CancellationToken);
        Assert.Null(answer);
        Assert.Contains("no service answers", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WhatFails_IsTheAnswer_AndTheNextOneIsServed()
    {
        var calls = 0;
        using var socket = ControlSocket.Listen(_state.FullName, _ => ++calls == 1
            ? throw new InvalidOperationException("no such user")
            : Task.FromResult("fine"))!;
        Assert.Equal("failed: no such user",
            (await ControlSocket.AskAsync(_state.FullName, ["x"], TestContext.Current.CancellationToken)).Answer);
        Assert.Equal("fine",
            (await ControlSocket.AskAsync(_state.FullName, ["x"], TestContext.Current.CancellationToken)).Answer);
    }

    [Fact]
    public async Task Serve_ClientsThatGoAwayOrTalkNonsense_HarmNobody()
    {
        using var socket = ControlSocket.Listen(_state.FullName, words => Task.FromResult(words[0]))!;
        var end = new UnixDomainSocketEndPoint(Path.Combine(_state.FullName, "control"));
        using (var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            await silent.ConnectAsync(end, TestContext.Current.CancellationToken);
        using (var endless = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await endless.ConnectAsync(end, TestContext.Current.CancellationToken);
            await endless.SendAsync(new byte[8000], TestContext.Current.CancellationToken);
        }

        Assert.Equal("hello",
            (await ControlSocket.AskAsync(_state.FullName, ["hello"], TestContext.Current.CancellationToken)).Answer);
    }

    [Fact]
    public async Task Serve_ClientsThatSayNothing_HoldUpNobody()
    {
        using var socket = ControlSocket.Listen(_state.FullName, words => Task.FromResult(words[0]))!;
        var silent = new List<Socket>();
        for (var i = 0; i < 100; i++)
            silent.Add(await ConnectAsync());
        // Its answer shows that all before it have been taken, and that nobody waits for them.
        Assert.Equal("hello",
            (await ControlSocket.AskAsync(_state.FullName, ["hello"], TestContext.Current.CancellationToken)).Answer);
        Poll.Until(() => silent.Count(IsOpen) <= 16, () => "all of them are kept");
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Serve_SlowAnswer_HoldsUpNobodyElse()
    {
        var slow = new TaskCompletionSource<string>();
        using var socket = ControlSocket.Listen(
            _state.FullName, words => words[0] == "slow" ? slow.Task : Task.FromResult("quick"))!;
        var asked = ControlSocket.AskAsync(_state.FullName, ["slow"], TestContext.Current.CancellationToken);
        Assert.Equal("quick",
            (await ControlSocket.AskAsync(_state.FullName, ["x"], TestContext.Current.CancellationToken)).Answer);
        Assert.False(asked.IsCompleted);
        slow.SetResult("done");
        Assert.Equal("done", (await asked).Answer);
    }

    [Theory]
    [InlineData(4095, "a")]
    [InlineData(4096, "failed: a request is one line of at most 4096 bytes; name fewer users")]
    [InlineData(100_000, "failed: a request is one line of at most 4096 bytes; name fewer users")]
    public async Task Ask_LongRequest_IsAnsweredAllTheSame(int length, string answer)
    {
        using var socket = ControlSocket.Listen(_state.FullName, words => Task.FromResult(words[0][..1]))!;
        Assert.Equal((answer, null), await ControlSocket.AskAsync(
            _state.FullName, [new string('a', length)], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ask_ServiceThatEndsWithoutAnAnswer_IsAProblem()
    {
        using var socket = ControlSocket.Listen(_state.FullName, _ => Task.FromResult(""))!;
        var (answer, problem) = await ControlSocket.AskAsync(
            _state.FullName, ["x"], TestContext.Current.CancellationToken);
        Assert.Null(answer);
        Assert.Contains("without an answer", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Listen_SocketOfADeadService_IsTakenOver()
    {
        File.WriteAllText(Path.Combine(_state.FullName, "control"), "");
        using var socket = ControlSocket.Listen(_state.FullName, _ => Task.FromResult(""));
        Assert.NotNull(socket);
    }

    private static bool IsOpen(Socket client) => !client.Poll(0, SelectMode.SelectRead);

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(
            new UnixDomainSocketEndPoint(Path.Combine(_state.FullName, "control")), TestContext.Current.CancellationToken);
        return socket;
    }
}
