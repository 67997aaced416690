namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Courier's userdb: name, tab, <c>uid=1000|home=/home/a|quota=10000000S,1000C</c>. The quota is a limit as the header
/// of maildirsize has it, so it becomes <c>*:backend=10000000S,1000C</c>. Pure.
/// </summary>
internal static class CourierUserdb
{
    private const string Quota = "quota=";

    public static void Parse(string file, IReadOnlyList<string> lines, LimitTable table)
    {
        for (var number = 1; number <= lines.Count; number++)
        {
            var line = lines[number - 1];
            if (string.IsNullOrWhiteSpace(line) || line[0] == '#')
                continue;
            var parts = line.Split('\t', 2);
            if (parts.Length < 2 || parts[0].Length == 0)
            {
                // What stands there may be a password.
                table.Complain($"{file}:{number}", "there is no tab behind a name; write name<TAB>field=value|...");
                continue;
            }

            var limit = parts[1].Split('|')
                .FirstOrDefault(field => field.StartsWith(Quota, StringComparison.Ordinal))?[Quota.Length..].Trim();
            var fields = string.IsNullOrEmpty(limit) ? UserFields.Empty : UserFields.OfRules([$"*:backend={limit}"]);
            if (!table.Add(parts[0], fields))
                table.Complain($"{file}:{number}", $"user {parts[0]} is there more than once; the first line counts");
        }
    }
}
