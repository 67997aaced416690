using Serilog;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Whether a source answers, and when it is worth asking again: pauses grow, one line when it goes down, one when it is
/// back. Of a file that is just being written nothing is said, unless that takes long. Any thread.
/// </summary>
internal sealed class SourceHealth(ILimitSource source, LimitOptions options, ILogger log, TimeProvider time)
{
    /// <summary>A file that is written for longer is worth a line.</summary>
    private static readonly TimeSpan LongestWriting = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private TimeSpan _pause;
    private DateTimeOffset _downSince;
    private DateTimeOffset _backSince = DateTimeOffset.MinValue;
    private DateTimeOffset _retryAt;
    private bool _isDown;
    private bool _isSaid;
    private string? _problem;
    private bool _failedThisRound;

    public ILimitSource Source => source;

    /// <summary>Whether it gave everybody at once when it was last asked to; so assumed before.</summary>
    public bool GivesEverybody { get; private set; } = true;

    public bool IsDown
    {
        get
        {
            lock (_gate)
                return _isDown;
        }
    }

    /// <summary>Why it is down, for people; null for one that answers.</summary>
    public string? Problem
    {
        get
        {
            lock (_gate)
                return _isDown ? _problem : null;
        }
    }

    /// <summary>When a source that is down is worth a try; null for one that answers.</summary>
    public DateTimeOffset? RetryAt
    {
        get
        {
            lock (_gate)
                return _isDown ? _retryAt : null;
        }
    }

    private bool MayAsk
    {
        get
        {
            lock (_gate)
                return !_failedThisRound && (!_isDown || time.GetUtcNow() >= _retryAt);
        }
    }

    /// <summary>A round of questions begins: one failure in it is enough.</summary>
    public void Begin()
    {
        lock (_gate)
            _failedThisRound = false;
    }

    /// <summary>Somebody says that it may be back.</summary>
    public void TryNow()
    {
        lock (_gate)
            _retryAt = DateTimeOffset.MinValue;
    }

    /// <summary>Asks for one user; false when the source does not answer, so that nothing is known.</summary>
    /// <exception cref="LimitSourceException">His entry alone is wrong.</exception>
    public async Task<(bool Answered, UserFields? Fields)> FindAsync(string user, CancellationToken stop)
    {
        return await AskAsync(token => source.FindAsync(user, token), options.AnswerWithin, aboutOne: true, stop)
            .ConfigureAwait(false);
    }

    /// <summary>Asks for everybody; null when the source does not answer or cannot do that.</summary>
    public async Task<IReadOnlyDictionary<string, UserFields>?> ReadAllAsync(CancellationToken stop)
    {
        var (answered, all) = await AskAsync(source.ReadAllAsync, options.EverybodyWithin, aboutOne: false, stop)
            .ConfigureAwait(false);
        if (answered)
            GivesEverybody = all is not null;
        return all;
    }

    private async Task<(bool Answered, T? Answer)> AskAsync<T>(
        Func<CancellationToken, Task<T?>> ask, TimeSpan within, bool aboutOne, CancellationToken stop)
        where T : class
    {
        if (!MayAsk)
            return (false, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(within);
        try
        {
            var answer = await ask(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            Worked();
            return (true, answer);
        }
        catch (LimitSourceException e) when (e.OnlyThisUser && aboutOne)
        {
            Worked();
            throw;
        }
        catch (LimitSourceException e)
        {
            Failed(e.Message, e.IsBeingWritten);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Failed($"no answer within {within.TotalSeconds:0.###} s; check the server");
        }
        catch (Exception e) when (e is not OutOfMemoryException and not OperationCanceledException)
        {
            // Its text could hold a password.
            Failed($"{e.GetType().Name}, which is a fault of this program; please report it");
        }

        return (false, null);
    }

    private void Failed(string why, bool isBeingWritten = false)
    {
        lock (_gate)
        {
            if (_failedThisRound)
                return;
            (_failedThisRound, _problem) = (true, why);
            var now = time.GetUtcNow();
            // One that is back only for moments does not fill the log.
            var again = _isDown || now - _backSince < options.LongestPause;
            _pause = !again || isBeingWritten ? options.FirstPause
                : _pause * 2 < options.LongestPause ? _pause * 2 : options.LongestPause;
            _retryAt = now + _pause;
            if (!_isDown)
                (_isDown, _isSaid, _downSince) = (true, false, now);
            if (_isSaid || (isBeingWritten && now - _downSince < LongestWriting))
                return;
            _isSaid = true;
            log.Warning("{Source:l} does not answer: {Why:l}. All limits stay as they are; it is tried again",
                source.Name, why);
        }
    }

    private void Worked()
    {
        lock (_gate)
        {
            if (!_isDown || _failedThisRound)
                return;
            _isDown = false;
            if (!_isSaid)
                return;
            _backSince = time.GetUtcNow();
            log.Information("{Source:l} answers again, after {Seconds} s",
                source.Name, (long)(_backSince - _downSince).TotalSeconds);
        }
    }
}
