using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace MaildirQuotaWatcher.Core.Tests;

/// <summary>
/// Random cases, the same ones in every run: what once in tens of thousands fails is found by whoever looks for it, with
/// MQW_SEED, and not by the one whose change is being tested.
/// </summary>
internal static class Chance
{
    private static readonly ulong Seed = ulong.Parse(
        Environment.GetEnvironmentVariable("MQW_SEED") ?? "20261122", CultureInfo.InvariantCulture);

    public static Config Of(int cases) => Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(
        FSharpOption<Replay>.Some(new Replay(new Rnd(Seed), FSharpOption<int>.None)));
}
