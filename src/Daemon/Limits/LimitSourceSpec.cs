using System.Diagnostics.CodeAnalysis;
using Serilog;

namespace MaildirQuotaWatcher.Limits;

/// <summary>A source of limits as it is configured: a word, a colon, a path. Immutable; nothing is opened.</summary>
internal sealed record LimitSourceSpec
{
    private const string Formats = "passwd-file:PATH, file:PATH, sql:PATH, ldap:PATH, or userdb:PATH";

    private readonly UserTemplate _path;
    private readonly UserTemplate _key;

    private LimitSourceSpec(string text, string kind, string pattern, UserTemplate path, UserTemplate key) =>
        (Text, Kind, Pattern, _path, _key) = (text, kind, pattern, path, key);

    /// <summary>As it was written, with its options.</summary>
    public string Text { get; }

    /// <summary><c>passwd-file</c>, <c>file</c>, <c>sql</c>, <c>ldap</c>, or <c>userdb</c>.</summary>
    public string Kind { get; }

    /// <summary>The path as written, possibly with <c>%d</c>.</summary>
    public string Pattern { get; }

    /// <summary>As <see cref="ILimitSource.Name"/>.</summary>
    public string Name => $"{Kind}:{Pattern}";

    /// <summary>
    /// Parses <c>passwd-file:/etc/dovecot/users</c>. Dovecot's <c>username_format=%n</c> and <c>scheme=</c> before the
    /// path are understood; a path with <c>%d</c> looks for the name before the @, as Dovecot does.
    /// </summary>
    /// <param name="error">What is wrong, where, and the cure.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out LimitSourceSpec? spec, [NotNullWhen(false)] out string? error)
    {
        spec = null;
        var trimmed = text.Trim();
        var colon = trimmed.IndexOf(':');
        var kind = colon < 0 ? trimmed : trimmed[..colon];
        if (colon < 0 || kind is not ("passwd-file" or "file" or "sql" or "ldap" or "userdb"))
        {
            error = $"'{kind}' is no source of limits; write {Formats}";
            return false;
        }

        var pattern = trimmed[(colon + 1)..].Trim();
        string? format = null;
        while (kind == "passwd-file" && pattern.IndexOf(' ') is > 0 and var blank && pattern[..blank].Contains('='))
        {
            var option = pattern[..blank].Split('=', 2);
            if (option[0] == "username_format")
                format = option[1];
            else if (option[0] is not "scheme")
            {
                error = $"column {colon + 2}: '{option[0]}' is not known; use username_format";
                return false;
            }

            pattern = pattern[blank..].Trim();
        }

        if (!UserTemplate.TryParse(pattern, out var path, out error))
            return false;
        if (!pattern.StartsWith('/'))
            error = $"'{pattern}' is not an absolute path; begin with /";
        else if (path.HasVariables && kind is "sql" or "ldap")
            error = $"{kind}: there is one file for all; put %u, %n, %d into its queries";
        format ??= path.HasVariables ? "%n" : "%u";
        if (error is not null || !UserTemplate.TryParse(format, out var key, out error))
            return false;
        spec = new LimitSourceSpec(trimmed, kind, pattern, path, key);
        return true;
    }

    /// <summary>The source itself; nothing is opened before it is asked.</summary>
    /// <param name="log">Told of bad lines, once each.</param>
    public ILimitSource Create(ILogger log) => Kind switch
    {
        "sql" => new SqlSource(Name, Pattern),
        "ldap" => new LdapSource(Name, Pattern),
        "passwd-file" => new FileSource(Name, Pattern, _path, _key, PasswdFile.Parse, log),
        "userdb" => new FileSource(Name, Pattern, _path, _key, CourierUserdb.Parse, log),
        _ => new FileSource(Name, Pattern, _path, _key, LimitsText.Parse, log),
    };

    /// <summary>The sources of a configuration that is read again: those that were there before go on.</summary>
    /// <param name="specs">Of now.</param>
    /// <param name="before">Of before, each with its source.</param>
    /// <param name="log">As of <see cref="Create"/>.</param>
    public static IReadOnlyList<ILimitSource> CreateAgain(
        IEnumerable<LimitSourceSpec> specs, IEnumerable<(LimitSourceSpec Spec, ILimitSource Source)> before,
        ILogger log)
    {
        var left = before.ToList();
        return [.. specs.Select(spec =>
        {
            var known = left.FindIndex(pair => pair.Spec.Text == spec.Text);
            if (known < 0)
                return spec.Create(log);
            var source = left[known].Source;
            left.RemoveAt(known);
            return source;
        })];
    }

    public override string ToString() => Name;
}
