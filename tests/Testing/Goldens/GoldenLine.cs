using System.Globalization;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One line of a golden case: a word and its value, raw.</summary>
/// <param name="Where">File and line number, for errors.</param>
/// <param name="Word">The word before the first blank.</param>
/// <param name="Value">Everything behind that blank.</param>
public sealed record GoldenLine(string Where, string Word, string Value)
{
    /// <summary>The value with its escapes resolved.</summary>
    public byte[] Bytes => Guard(() => GoldenEscapes.Decode(Value));

    /// <summary>The value cut at blanks, escapes not yet resolved.</summary>
    public string[] Parts => Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public long Number => Guard(() => long.Parse(Value, CultureInfo.InvariantCulture));

    /// <summary>Two numbers, bytes and messages.</summary>
    public Usage Usage => Guard(() => Parts is [var bytes, var messages]
        ? new Usage(long.Parse(bytes, CultureInfo.InvariantCulture), long.Parse(messages, CultureInfo.InvariantCulture))
        : throw new FormatException("expected bytes and messages"));

    public bool YesNo => Value switch
    {
        "yes" => true,
        "no" => false,
        _ => throw Error("expected yes or no"),
    };

    /// <summary>Null for <c>none</c>.</summary>
    public RecalcReason? Reason => Value == "none" ? null : Guard(() => Enum.Parse<RecalcReason>(Value));

    public FormatException Error(string text) => new($"{Where}: {Word}: {text}");

    public FormatException Unknown() => Error("unknown word");

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            throw Error(error.Message);
        }
    }
}
