using System.Net.Sockets;
using MaildirQuotaWatcher.Control;
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
    public void Listen_SocketOfADeadService_IsTakenOver()
    {
        File.WriteAllText(Path.Combine(_state.FullName, "control"), "");
        using var socket = ControlSocket.Listen(_state.FullName, _ => Task.FromResult(""));
        Assert.NotNull(socket);
    }
}
