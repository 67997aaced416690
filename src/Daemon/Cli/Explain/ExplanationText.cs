using System.Globalization;
using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli.Explain;

/// <summary>Writes an <see cref="Explanation"/> in plain words. Foreign text is made harmless.</summary>
internal sealed class ExplanationText(Explanation known)
{
    private readonly StringBuilder _text = new();

    public static string Of(Explanation known) => new ExplanationText(known).Write();

    /// <summary>As the configuration has it.</summary>
    private string Counting => $"counting = {known.Policy.Name}";

    private string Write()
    {
        Line(0, $"{known.Whom.User}: {known.Whom.Path}");
        foreach (var trouble in known.Troubles)
            Line(1, trouble);
        if (!known.IsKnown)
        {
            Line(1, "what applies to him is not known until they answer: nobody warns him, and his limit stays what "
                + "his maildirsize says");
            Header();
        }

        if (known.Quota.Problem is { } problem)
            Line(1, $"cannot be read: {problem}; his limit stays what his maildirsize says");
        foreach (var remark in known.Quota.Remarks)
            Line(1, remark);

        foreach (var root in known.Quota.Roots)
        {
            _text.Append('\n');
            if (root.IsGroup)
                Group(root);
            else if (root.IsHierarchy)
                Hierarchy(root);
            else
                Own(root);
        }

        return _text.ToString();
    }

    private void Own(UserRoot root)
    {
        var usage = known.UsageOf(root);
        var limit = known.Limit;
        Line(0, $"{root.Root.Name}: {Amount(usage, limit ?? default)}");
        Line(1, limit is { } set
            ? $"limit: {Text(set)}"
            : "limit: none; nobody sets one, and maildirsize says none");
        Line(2, WhereFrom(root));
        Header();
        var largest = known.Quota.MaxMailSize.Bytes;
        Line(1, $"grace for one message: {root.Grace}; largest message: "
            + $"{(largest == 0 ? "any" : SizeText.Format(largest))}; {Counting}");
        Line(1, "folders:");
        foreach (var (folder, held) in known.Folders)
            Line(2, $"{Name(folder),-24} {Held(held),-28} {Why(root, folder, limit ?? default)}");
        Warnings(root, known.Whom.Path, usage, limit ?? default);
        OverFlagOf(root, usage, limit ?? default);
    }

    private void OverFlagOf(UserRoot root, Usage usage, QuotaLimit limit)
    {
        var settings = known.Settings.Quota.Roots.FirstOrDefault(known => known.Root.Name == root.Root.Name);
        if (settings?.OverFlagValue is not { } mask)
            return;
        var (isSet, isOver) = (new OverFlag(mask).IsSet(root.Flag), OverFlag.IsOver(usage, limit));
        var flag = root.Flag is { } value ? $"'{value}'" : "absent";
        Line(1, $"over-quota flag: {flag}, which {(isSet ? "says" : "does not say")} over quota ({mask}); the mailbox "
            + $"{(isOver ? "is" : "is not")} over its limit: " + (isSet == isOver ? "right" : "wrong, so this runs: "
                + string.Join(' ', settings.OverScript)));
    }

    private void Hierarchy(UserRoot root)
    {
        var usage = known.UsageOf(root);
        var limit = known.LimitOf(root);
        Line(0, $"{root.Root.Name} (folders {root.Root.Namespace}): {Amount(usage, limit)}");
        Line(1, $"limit: {Text(limit)}");
        Line(2, WhereFrom(root));
        Warnings(root, QuotaSink.KeyOf(known.Whom.Path, root), usage, limit);
        OverFlagOf(root, usage, limit);
    }

    private void Group(UserRoot root)
    {
        if (root.GroupOf(known.Whom.User) is not { } group)
        {
            Line(0, $"{root.Root.Name}: {known.Whom.User} belongs to no group by {root.Root.By}");
            return;
        }

        var sum = known.GroupSum(root.Root, group);
        var limit = sum?.Limit ?? known.LimitOf(root);
        Line(0, $"{root.Root.Name} {group}: " + (sum is { } held
            ? Amount(held.Usage, limit)
            : "only the running service knows what its mailboxes hold together"));
        Line(1, $"limit: {Text(limit)}");
        Line(2, limit == known.LimitOf(root)
            ? WhereFrom(root)
            : $"the largest that a member has; {known.Whom.User} has {Text(known.LimitOf(root))}, {WhereFrom(root)}");
        if (sum is { } all)
            Warnings(root, QuotaSink.KeyOfGroup(root, group), all.Usage, limit);
    }

    private string WhereFrom(UserRoot root)
    {
        if (known.Quota.Problem is not null && !root.IsHierarchy && !root.IsGroup)
            return "what the header of maildirsize says, until his own rules can be read";
        if (root.Rules.Default is not { } configured)
            return root.IsHierarchy || root.IsGroup
                ? "no rule sets one"
                : "no rule sets one, so the header of maildirsize is the authority";
        var own = root.OwnRules.Where(rule => rule.IsDefault).ToArray();
        var where = own.Length > 0
            ? $"from {known.Source}: {string.Join(", ", own.Select(rule => rule.ToString()))}"
            : "from the configuration, for everybody";
        return configured.Forced || known.Ledger.Ledger?.Limit is null
            ? where
            : $"from the header of maildirsize; the rule with ? ({Text(configured.Limit)}, {where}) is only for "
                + "mailboxes without one";
    }

    private void Header()
    {
        var ledger = known.Ledger.Ledger;
        Line(1, "maildirsize: " + (ledger switch
        {
            null => known.Ledger.Problem ?? "there is none",
            { Recalculate: { } reason } => $"{Encoding.UTF8.GetString(ledger.Header)}, to be recalculated: {reason}",
            { Usage: { } used } => $"{Encoding.UTF8.GetString(ledger.Header)}, {Held(used)}",
            _ => Encoding.UTF8.GetString(ledger.Header),
        }));
    }

    private string Why(UserRoot root, MaildirFolder folder, QuotaLimit limit)
    {
        var name = FolderText.Virtual(folder.Name);
        UserRoot[] others = [.. known.Quota.Roots.Where(other => other.IsHierarchy)];
        if (Array.Find(others, other => other.Root.Covers(name, others.Select(one => one.Root))) is { } covering)
            return WhyIn(covering, folder, name);

        if (root.Rules.RuleFor(name) is not { } rule)
            return folder.Counted ? "counted" : $"not counted: {Counting} leaves it out";
        if (rule.Ignore)
            return $"not counted, not limited: {rule}";
        var most = Text(root.Rules.LimitFor(name, limit));
        var counted = folder.Counted ? "counted" : $"not counted: {Counting} leaves it out";
        return $"{counted}; up to {most} by {rule}";
    }

    /// <summary>Of a folder that has a quota root beside the user's own.</summary>
    private string WhyIn(UserRoot root, MaildirFolder folder, string name)
    {
        var rule = root.Rules.RuleFor(name);
        var here = folder.Counted ? "counted here" : "not counted here";
        return rule switch
        {
            null => folder.Counted ? $"counted, here and in {root.Root.Name}" : $"counted in {root.Root.Name}",
            { Ignore: true } => $"{here}, neither counted nor limited in {root.Root.Name}: {rule}",
            _ => $"{here}, in {root.Root.Name} up to {Text(root.Rules.LimitFor(name, known.LimitOf(root)))} by {rule}",
        };
    }

    private void Warnings(UserRoot root, string key, Usage usage, QuotaLimit limit)
    {
        if (root.Warnings.Count == 0)
        {
            Line(1, "warnings: none are configured");
            return;
        }

        Line(1, "warnings:");
        var memory = known.MemoryOf(key);
        if (memory.Problem is { } problem)
            Line(2, $"which of them have run cannot be read: {problem}");
        var evaluator = new WarningEvaluator(root.Warnings, RunCommand.OptionsOf(known.Settings.Warnings).Policy);
        foreach (var standing in evaluator.Explain(usage, limit, memory.State))
            Line(2, $"{standing.Rule.MemoryKey(standing.Part),-20} {Standing(standing, memory)}; runs "
                + string.Join(' ', standing.Rule.Command));
    }

    private string Standing(PartStanding standing, WarningMemory memory)
    {
        if (standing.Level == 0)
            return $"never: {WarningPart.WordOf(standing.Part.Resource)} has no limit, so there is no percentage of it";
        var level = standing.Part.Resource == QuotaResource.Storage
            ? SizeText.Format((long)Int128.Min(standing.Level, long.MaxValue))
            : $"{standing.Level} messages";
        if (memory.Problem is not null)
            return $"{(standing.IsReached ? "reached" : "not reached")} ({level})";
        if (memory.Waiting.FirstOrDefault(due =>
            due.Warning.Rule.Key == standing.Rule.Key && due.Warning.Part == standing.Part) is { } waiting)
            return $"crossed {level} {When(waiting.Id / 1_000_000)}, has not run yet: {WhyItWaits(waiting)}";
        return (standing.Rule.Below, standing.Memory) switch
        {
            (false, null) when standing.IsReached => $"reached ({level}), and about to warn",
            (false, null) => $"armed: warns when usage reaches {level}",
            (false, { Warned: false } fired) =>
                $"reached {When(fired.At)}, another warning spoke for it; armed again when usage is below {level}",
            (false, { } fired) => $"fired {When(fired.At)}; armed again when usage is below {level}",
            (true, null) => $"not armed: usage has not been at {level}",
            (true, { Phase: PartPhase.Above }) => $"armed: warns when usage falls below {level}",
            (true, { } left) => $"fired {When(left.At)}; armed again when usage reaches {level}",
        };
    }

    private string WhyItWaits(DueWarning waiting) => waiting.Tries > 0
        ? $"could not be started {waiting.Tries} time{(waiting.Tries == 1 ? "" : "s")}, is tried again"
        : known.Settings.Warnings.QuietHours is { } quiet
            && quiet.LeftAt(TimeOnly.FromDateTime(DateTime.Now)) > TimeSpan.Zero
            ? $"waits for the end of quiet_hours {quiet}"
            : "waits for the service to start it";

    private string When(long seconds)
    {
        if (seconds <= 0)
            return "earlier";
        var ago = TimeSpan.FromSeconds(Math.Max(0, known.Now - seconds));
        var text = ago switch
        {
            { TotalDays: >= 2 } => $"{(int)ago.TotalDays} days",
            { TotalHours: >= 2 } => $"{(int)ago.TotalHours} hours",
            { TotalMinutes: >= 2 } => $"{(int)ago.TotalMinutes} minutes",
            _ => $"{(int)ago.TotalSeconds} s",
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"{DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime():yyyy-MM-dd HH:mm} ({text} ago)");
    }

    private static string Name(MaildirFolder folder) => FolderText.Virtual(folder.Name);

    private static string Held(Usage usage) =>
        $"{SizeText.Format(usage.Bytes)}, {usage.Messages} message{(usage.Messages == 1 ? "" : "s")}";

    private static string Amount(Usage usage, QuotaLimit limit)
    {
        var text = Held(usage);
        if (limit.Bytes > 0)
            text += $"; {(Int128)usage.Bytes * 100 / limit.Bytes} % of {SizeText.Format(limit.Bytes)}";
        if (limit.Messages > 0)
            text += $"; {(Int128)usage.Messages * 100 / limit.Messages} % of {limit.Messages} messages";
        return text;
    }

    private static string Text(QuotaLimit limit) => (limit.Bytes, limit.Messages) switch
    {
        (0, 0) => "unlimited",
        (var bytes, 0) => SizeText.Format(bytes),
        (0, var messages) => $"{messages} messages",
        var (bytes, messages) => $"{SizeText.Format(bytes)} and {messages} messages",
    };

    private void Line(int depth, string text) =>
        _text.Append(' ', 2 * depth).Append(EscapingText.Escape(text).TrimEnd()).Append('\n');
}
