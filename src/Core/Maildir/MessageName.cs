namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// Reads the names of message files: <c>unique,S=size:2,flags</c>. Bytes, not text; nothing is allocated, since a scan
/// reads millions. The caller never passes <c>.</c> and <c>..</c>.
/// </summary>
/// <remarks>
/// Implementation notes: the law is table 8.2 of the conformance vectors (<c>tests/Goldens/names</c>). One rule is our
/// own: a size of more than 15 digits is hostile or broken, and the disk is asked instead.
/// </remarks>
public static class MessageName
{
    private const int BelievedDigits = 15;

    private static ReadOnlySpan<byte> SizeKey => ",S="u8;

    /// <summary>How the entry counts under <paramref name="policy"/>.</summary>
    /// <param name="name">The file name, without directories.</param>
    /// <param name="policy">What counts.</param>
    /// <param name="bytes">The size, when the result is <see cref="MessageSizing.Named"/>; else 0.</param>
    public static MessageSizing Read(ReadOnlySpan<byte> name, CountingPolicy policy, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(policy);
        bytes = 0;
        // One search for the colon serves both: most of a scan that is not the kernel's is spent here.
        var unique = UniqueName(name);
        if (IsSkippedDotFile(name, policy.DotFiles)
            || (!policy.CountTrashedFlag && IsTrashed(name[unique.Length..])))
            return MessageSizing.NotCounted;

        var named = policy.SizeReading switch
        {
            SizeReading.LastBeforeColon => TryLast(unique, out bytes),
            SizeReading.FirstTerminated => TryFirstTerminated(name, out bytes),
            SizeReading.FirstDigits => TryFirstDigits(name, out bytes),
            _ => false,
        };
        return named ? MessageSizing.Named : MessageSizing.NeedsStat;
    }

    /// <summary>The part up to the first colon: it stays the same while flags change.</summary>
    public static ReadOnlySpan<byte> UniqueName(ReadOnlySpan<byte> name)
    {
        var colon = name.IndexOf((byte)':');
        return colon < 0 ? name : name[..colon];
    }

    /// <summary>
    /// When the message was delivered, in Unix seconds, by the digits its name begins with; -1 when there are none or
    /// more than 15.
    /// </summary>
    public static long DeliveredAt(ReadOnlySpan<byte> name) =>
        ReadDigits(name, out var seconds) > 0 ? seconds : -1;

    private static bool IsSkippedDotFile(ReadOnlySpan<byte> name, DotFiles dotFiles) => dotFiles switch
    {
        DotFiles.Skip => name is [(byte)'.', ..],
        DotFiles.SkipDoubleDot => name is [(byte)'.', (byte)'.', ..],
        _ => false,
    };

    // Courier: behind the first ":2," the capital letters up to anything else.
    private static bool IsTrashed(ReadOnlySpan<byte> fromFirstColon)
    {
        var info = fromFirstColon.StartsWith(":2,"u8) ? 0 : fromFirstColon.IndexOf(":2,"u8);
        if (info < 0)
            return false;
        foreach (var flag in fromFirstColon[(info + 3)..])
        {
            if (flag == 'T')
                return true;
            if (!char.IsAsciiLetterUpper((char)flag))
                return false;
        }

        return false;
    }

    private static bool TryLast(ReadOnlySpan<byte> unique, out long bytes)
    {
        bytes = 0;
        var key = unique.LastIndexOf(SizeKey);
        return key >= 0 && ReadDigits(unique[(key + SizeKey.Length)..], out bytes) >= 0;
    }

    private static bool TryFirstTerminated(ReadOnlySpan<byte> name, out long bytes)
    {
        bytes = 0;
        var key = name.IndexOf(SizeKey);
        if (key < 0)
            return false;
        var rest = name[(key + SizeKey.Length)..];
        var digits = ReadDigits(rest, out bytes);
        if (digits >= 0 && (digits == rest.Length || rest[digits] is (byte)':' or (byte)','))
            return true;
        bytes = 0;
        return false;
    }

    private static bool TryFirstDigits(ReadOnlySpan<byte> name, out long bytes)
    {
        for (var key = name.IndexOf(SizeKey); key >= 0; key = name.IndexOf(SizeKey))
        {
            name = name[(key + SizeKey.Length)..];
            var digits = ReadDigits(name, out bytes);
            if (digits != 0)
                return digits > 0;
        }

        bytes = 0;
        return false;
    }

    /// <returns>How many digits the text begins with, 0 for none, -1 for a number too long to believe.</returns>
    private static int ReadDigits(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        var significant = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var digit = text[i] - '0';
            if ((uint)digit > 9)
                return i;
            if (significant > 0 || digit != 0)
                significant++;
            if (significant > BelievedDigits)
            {
                number = 0;
                return -1;
            }

            number = (number * 10) + digit;
        }

        return text.Length;
    }
}
