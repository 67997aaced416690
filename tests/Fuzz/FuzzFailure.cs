namespace MaildirQuotaWatcher.Fuzz;

/// <summary>An input that broke a parser.</summary>
/// <param name="Input">The bytes.</param>
/// <param name="Error">What happened.</param>
public sealed record FuzzFailure(byte[] Input, Exception Error);
