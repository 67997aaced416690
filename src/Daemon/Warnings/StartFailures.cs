using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Commands that could not be started, for the log: the first of a target is said whole; of the others, of which there
/// may be thousands again and again, one line in a while says how many, and one that it works again. Any thread.
/// </summary>
/// <param name="log">Told.</param>
/// <param name="time">Says what a while is.</param>
/// <param name="then">What becomes of a command that was not started, for people.</param>
internal sealed class StartFailures(ILogger log, TimeProvider time, string then)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Said> _failing = new(StringComparer.Ordinal);

    /// <param name="target">What was to be started, or asked.</param>
    /// <param name="user">For whom.</param>
    /// <param name="problem">What is wrong and the cure.</param>
    public void Failed(string target, string user, string problem)
    {
        lock (_lock)
        {
            var isKnown = _failing.TryGetValue(target, out var said);
            var after = time.GetElapsedTime(said.At);
            if (isKnown && after < Pause)
            {
                // One that now works and now does not, too: a busy one.
                _failing[target] = said with { More = said.More + 1 };
                return;
            }

            _failing[target] = new Said(time.GetTimestamp(), 0, false);
            if (isKnown && !said.Worked)
                log.Error("{Target}: {Times} more starts failed in {Minutes} minutes, the last one for {User}: "
                    + "{Problem:l}{Then:l}", target, said.More + 1, (int)after.TotalMinutes, user, problem, then);
            else
                log.Error("{Target} for {User}: {Problem:l}{Then:l}", target, user, problem, then);
        }
    }

    public void Worked(string target)
    {
        lock (_lock)
        {
            if (!_failing.TryGetValue(target, out var said))
                return;
            if (!said.Worked)
                log.Information("{Target}: starts work again", target);
            if (time.GetElapsedTime(said.At) < Pause)
                _failing[target] = said with { Worked = true };
            else
                _failing.Remove(target);
        }
    }

    /// <param name="At">Timestamp of the last line about a failure.</param>
    /// <param name="More">Failures since then.</param>
    /// <param name="Worked">It has worked since then, and that was said.</param>
    private readonly record struct Said(long At, long More, bool Worked);
}
