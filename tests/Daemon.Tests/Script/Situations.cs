using MaildirQuotaWatcher.Testing.Messages;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>The situations a message is written for, by the names that the goldens use.</summary>
internal static class Situations
{
    public static readonly string[] All =
    [
        "over", "full", "messages", "under", "short", "unlimited", "shared-over", "shared-full", "shared-under",
        "shared-unlimited", "digest",
    ];

    public static MailText Print(WarningScript script, string situation)
    {
        var facts = script.Facts;
        if (situation.StartsWith("shared-", StringComparison.Ordinal))
        {
            script.Set("postmaster = postmaster@example.org");
            (facts["MQW_ROOT"], facts["MQW_USER"]) = ("Domain", "example.org");
            facts["MQW_LARGEST"] = "4509715660\t3000\trj@example.org\n300000000\t1\tfk@example.org";
        }

        if (situation.EndsWith("full", StringComparison.Ordinal))
            (facts["MQW_THRESHOLD"], facts["MQW_PERCENT"], facts["MQW_USAGE_BYTES"]) = ("100", "104", "5583457484");
        else if (situation.EndsWith("under", StringComparison.Ordinal))
            (facts["MQW_DIRECTION"], facts["MQW_PERCENT"], facts["MQW_USAGE_BYTES"]) = ("under", "62", "3328599654");
        else if (situation.EndsWith("unlimited", StringComparison.Ordinal))
            (facts["MQW_UNIT"], facts["MQW_THRESHOLD"], facts["MQW_PERCENT"], facts["MQW_LIMIT_BYTES"]) =
                ("bytes", "4294967296", "0", "0");
        else if (situation == "messages")
            (facts["MQW_RESOURCE"], facts["MQW_PERCENT"], facts["MQW_LIMIT_MESSAGES"]) = ("messages", "86", "5000");
        else if (situation == "short")
            foreach (var name in facts.Keys.Where(name => name.StartsWith("MQW_", StringComparison.Ordinal)).ToList())
                if (name is not ("MQW_USER" or "MQW_THRESHOLD" or "MQW_WARNING_ID"))
                    facts.Remove(name);
        if (situation != "digest")
            return script.Print();

        // As entry writes them: id, time, user, root, direction, resource, percent, usage, limit, largest folder.
        script.Set("postmaster = postmaster@example.org", "digest = daily");
        File.WriteAllLines(script.Spool,
        [
            "w1\t22 Nov 2026 08:15:00\trj@example.org\t\tover\tstorage\t91\t4885998239\t5368709120\t4509715660\tTrash",
            "w2\t22 Nov 2026 09:15:00\tfk@example.org\t\tover\tmessages\t100\t5000\t5000\t300000000\tArchive/Entwürfe",
            "w3\t22 Nov 2026 10:15:00\texample.org\tDomain\tunder\tstorage\t62\t3328599654\t5368709120\t\t",
        ]);
        return script.Print("--digest");
    }
}
