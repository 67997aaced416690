using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

/// <summary>Rules as text, for tests.</summary>
internal static class Rule
{
    public static QuotaRule Of(string text) =>
        QuotaRule.TryParse(text, out var rule, out var error) ? rule : throw new ArgumentException($"{text}: {error}");

    public static RuleSet Set(params string[] texts) => RuleSet.Create(texts.Select(Of));
}
