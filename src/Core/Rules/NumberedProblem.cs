namespace MaildirQuotaWatcher.Rules;

/// <summary>What is wrong with the numbers of settings.</summary>
/// <param name="Key">The key it is about.</param>
/// <param name="Place">Where that stands.</param>
/// <param name="Message">What is wrong and the cure; names the key.</param>
/// <param name="IsHole">True when a number is missing before it: natural where a user overrides only the second
/// setting, an error in a file.</param>
public sealed record NumberedProblem<TPlace>(string Key, TPlace Place, string Message, bool IsHole);
