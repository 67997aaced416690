namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Dovecot's passwd-file: <c>user:password:uid:gid:gecos:home:shell:extra</c>. The extra fields are words; all behind
/// the seventh colon belongs to them, so a colon in a value needs no quoting (db-passwd-file.c). Pure.
/// </summary>
internal static class PasswdFile
{
    /// <summary>Colons before the extra fields.</summary>
    private const int ExtraAt = 7;

    public static void Parse(string file, IReadOnlyList<string> lines, LimitTable table)
    {
        for (var number = 1; number <= lines.Count; number++)
        {
            var line = lines[number - 1];
            if (line.Length == 0 || line[0] is ':' or '#')
                continue;
            var parts = line.Split(':', ExtraAt + 1);
            // An empty field here is the format of old, with MAIL behind it.
            var extra = parts.Length > ExtraAt && !parts[ExtraAt].StartsWith(':') ? parts[ExtraAt] : "";
            var fields = UserFields.Create(extra.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => word.Split('=', 2))
                .Select(word => new KeyValuePair<string, string?>(word[0], word.Length > 1 ? word[1] : "")));
            // Nothing of the line but the name is told: it has a password.
            if (!table.Add(parts[0], fields))
                table.Complain($"{file}:{number}", $"user {parts[0]} is there more than once; his first line counts, "
                    + "remove the others");
        }
    }
}
