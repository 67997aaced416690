using System.Globalization;
using System.Text;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>The escapes of golden values: <c>\n \r \t \\ \xNN</c>. Other text is UTF-8.</summary>
public static class GoldenEscapes
{
    public static byte[] Decode(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                var plain = text.AsSpan(i, char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1);
                bytes.AddRange(Encoding.UTF8.GetBytes(plain.ToString()));
                i += plain.Length - 1;
                continue;
            }

            i++;
            bytes.Add((i < text.Length ? text[i] : '\0') switch
            {
                'n' => (byte)'\n',
                'r' => (byte)'\r',
                't' => (byte)'\t',
                '\\' => (byte)'\\',
                'x' when i + 2 < text.Length => Hex(text.AsSpan(i + 1, 2), ref i),
                _ => throw new FormatException("unknown escape"),
            });
        }

        return [.. bytes];
    }

    private static byte Hex(ReadOnlySpan<char> digits, ref int i)
    {
        i += 2;
        return byte.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
