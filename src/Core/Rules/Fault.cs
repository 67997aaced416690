namespace MaildirQuotaWatcher.Rules;

/// <summary>How an error of a setting reads: <c>column 3: what is wrong; how to write it</c>.</summary>
internal static class Fault
{
    /// <param name="at">Index of the first wrong character, from 0; told from 1.</param>
    /// <returns>Always false, to be returned at once.</returns>
    public static bool At(int at, string what, string cure, out string error)
    {
        error = Text(at, what, cure);
        return false;
    }

    public static string Text(int at, string what, string cure) => $"column {at + 1}: {what}; {cure}";
}
