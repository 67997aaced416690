using System.Collections.Concurrent;
using MaildirQuotaWatcher.Linux;
using Serilog;

namespace MaildirQuotaWatcher.Limits;

/// <summary>Parses one file into a table; bad lines become its complaints.</summary>
internal delegate void LimitParser(string file, IReadOnlyList<string> lines, LimitTable table);

/// <summary>
/// A source that is a text file, or one a domain when its path holds <c>%d</c>. It is parsed when it has changed.
/// </summary>
/// <remarks>
/// A user who is in no file falls back to the limit of everybody, so a file that looks like an accident is not taken:
/// it is empty, more than half of its lines are bad, or it speaks of fewer than half as many users as before. The last
/// can be meant, which <see cref="Believe"/> says. A single file that is empty is doubted at the first reading, too.
/// </remarks>
internal sealed class FileSource : ILimitSource
{
    /// <summary>Bad lines of one reading that are logged.</summary>
    private const int MostComplaints = 20;

    /// <summary>Of a file that spoke of fewer users, any number may go at once.</summary>
    private const int FewestToDoubt = 5;

    private readonly string _pattern;
    private readonly UserTemplate _path;
    private readonly UserTemplate _key;
    private readonly LimitParser _parse;
    private readonly ILogger _log;
    private readonly Func<string, bool> _isAccount;
    private readonly Lock _parsing = new();
    private readonly ConcurrentDictionary<string, Parsed> _parsed = new(StringComparer.Ordinal);
    private volatile bool _isBelieved;

    /// <param name="name">As configured.</param>
    /// <param name="pattern">The path as written.</param>
    /// <param name="path">The path, possibly with variables.</param>
    /// <param name="key">What of a user's name the file has.</param>
    /// <param name="isAccount">Null asks the system.</param>
    public FileSource(string name, string pattern, UserTemplate path, UserTemplate key, LimitParser parse, ILogger log,
        Func<string, bool>? isAccount = null)
    {
        (Name, _pattern, _path, _key, _parse, _log) = (name, pattern, path, key, parse, log);
        _isAccount = isAccount ?? (static user => Accounts.Find(user) is not null);
    }

    public string Name { get; }

    public IReadOnlyList<string> Files => _path.HasVariables ? [.. _parsed.Keys] : [_path.Expand("")];

    public Task<UserFields?> FindAsync(string user, CancellationToken stop) => Answer(() =>
    {
        if (!_path.HasVariables)
            return Load(_path.Expand("")).Find(_key.Expand(user), _pattern);
        // Nobody walks out of the directory by the name of his domain.
        if (user.Contains('/', StringComparison.Ordinal) || UserTemplate.Domain(user) is "" or "." or "..")
            return null;
        var path = _path.Expand(user);
        if (!File.Exists(path) && Directory.Exists(Path.GetDirectoryName(path)) && !_parsed.ContainsKey(path))
            return null;
        try
        {
            return Load(path).Find(_key.Expand(user), path);
        }
        catch (LimitSourceException e) when (!e.IsBeingWritten || !File.Exists(path))
        {
            // The files of the other domains are sound.
            throw new LimitSourceException(e.Message, onlyThisUser: true, e);
        }
    });

    public Task<IReadOnlyDictionary<string, UserFields>?> ReadAllAsync(CancellationToken stop) =>
        Answer(() => _path.HasVariables ? null : Load(_path.Expand("")).Users);

    /// <summary>All that the file says, of users, domains and everybody; nothing when there is one a domain.</summary>
    /// <exception cref="LimitSourceException">It cannot be read.</exception>
    public IEnumerable<(string Name, UserFields Fields)> ReadLines() =>
        _path.HasVariables ? [] : Load(_path.Expand("")).All;

    public void Believe()
    {
        _isBelieved = true;
        _parsed.Clear();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task<T> Answer<T>(Func<T> find)
    {
        try
        {
            return Task.FromResult(find());
        }
        catch (LimitSourceException e)
        {
            return Task.FromException<T>(e);
        }
    }

    private LimitTable Load(string path)
    {
        var files = LimitFile.FilesAt(path);
        var stamp = string.Join(' ', files.Select(LimitFile.Stamp));
        if (_parsed.TryGetValue(path, out var known) && known.Stamp == stamp)
            return known.Table;
        if (known?.Files.Except(files).FirstOrDefault(LimitFile.IsJustGone) is { } gone)
            throw new LimitSourceException($"{gone} is not there any more; this is believed when it stays so")
            {
                IsBeingWritten = true,
            };
        lock (_parsing)
        {
            if (_parsed.TryGetValue(path, out known) && known.Stamp == stamp)
                return known.Table;
            var table = new LimitTable(_isAccount);
            var (speaking, garbled) = (0, 0);
            foreach (var file in files)
            {
                var lines = LimitFile.ReadLines(file);
                // Many editors empty a file before they write it, and a full disk or a crash does the same. Files of
                // one domain each may be made empty before anybody is in them.
                if (lines is [""] && (known is not null || (!_isBelieved && !_path.HasVariables)))
                    throw new LimitSourceException($"{file} is empty; if that is meant, write into it: # none");
                _parse(file, lines, table);
                speaking += lines.Count(line => !string.IsNullOrWhiteSpace(line) && line[0] != '#');
                garbled += lines.Count(line => line.Any(c => char.IsControl(c) && c != '\t'));
            }

            var bad = Math.Max(garbled, table.Complaints.Count);
            if (bad > speaking / 2)
                throw new LimitSourceException($"{path}: {bad} of {speaking} lines are bad"
                    + (table.Complaints is [var first, ..] ? $", the first: {first}" : ", which are no text")
                    + "; write it again");
            if (known is not null && known.Table.Count >= FewestToDoubt && table.Count < known.Table.Count / 2.0)
                throw new LimitSourceException($"{path} speaks of {table.Count} users and domains, before it was "
                    + $"{known.Table.Count}; if that is meant, run: maildir-quota-watcher refresh --force");

            var complaints = table.Complaints.Except(known?.Table.Complaints ?? []).ToArray();
            foreach (var complaint in complaints.Take(MostComplaints))
                _log.Warning("{Complaint:l}", complaint);
            if (complaints.Length > MostComplaints)
                _log.Warning("{Path}: {Count} more lines are bad", path, complaints.Length - MostComplaints);
            _parsed[path] = new Parsed(stamp, files, table);
            return table;
        }
    }

    private sealed record Parsed(string Stamp, IReadOnlyList<string> Files, LimitTable Table);
}
