using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

public sealed class FolderTextTests
{
    [Theory]
    [InlineData("", "INBOX")]
    [InlineData(".Trash", "Trash")]
    [InlineData(".Archive.Old", "Archive/Old")]
    [InlineData(".Archive/.Old", "Archive/Old")]
    [InlineData(".Entw&APw-rfe", "Entwürfe")]
    [InlineData(".A &- B", "A & B")]
    [InlineData(".&ZeVnLIqe-", "日本語")]
    [InlineData(".&2D3eAA-", "😀")]
    [InlineData(".Gel&APY-scht.&AOk-t&AOk-", "Gelöscht/été")]
    public void Virtual_Name_IsTheOneOfRules(string directory, string name) =>
        Assert.Equal(name, FolderText.Virtual(Encoding.UTF8.GetBytes(directory)));

    [Theory]
    [InlineData(".&", "&")]
    [InlineData(".&APw", "&APw")]
    [InlineData(".&AEE-", "&AEE-")] // A, which needs no base64
    [InlineData(".&APx-", "&APx-")] // bits left over
    [InlineData(".&AP-", "&AP-")] // half a character
    [InlineData(".&2D0-", "&2D0-")] // half a pair
    [InlineData(".&3gA-", "&3gA-")] // the other half
    [InlineData(".&APw-&APw-", "&APw-&APw-")] // one run could have held both
    [InlineData(".A&AP/-", "A&AP/-")]
    [InlineData(".Entwürfe", "Entwürfe")] // UTF-8 on disk
    public void Virtual_NotModifiedUtf7_StaysAsItIs(string directory, string name) =>
        Assert.Equal(name, FolderText.Virtual(Encoding.UTF8.GetBytes(directory)));

    [Fact]
    public void Virtual_NotUtf8_IsStillAName() =>
        Assert.Equal("A\ufffd", FolderText.Virtual([(byte)'.', (byte)'A', 0xff]));

    [Fact]
    public void Virtual_AnyBytes_NeverThrowsAndHasNoDot() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>().Filter(name => name is not null), name =>
            !FolderText.Virtual(name).Contains('.', StringComparison.Ordinal)).Check(Chance.Of(100));

    [Fact]
    public void Virtual_AnyText_IsWhatWasEncoded() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(IsName), text =>
            FolderText.Virtual([(byte)'.', .. Encoding.ASCII.GetBytes(Encode(text))]) == text)
            .Check(Chance.Of(100));

    private static bool IsName(string? text) =>
        !string.IsNullOrEmpty(text) && text.IndexOfAny(['.', '/']) < 0
        && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    /// <summary>Every run outside of printable ASCII in base64, with the platform's encoders.</summary>
    private static string Encode(string text)
    {
        var encoded = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            while (end < text.Length && text[end] is < ' ' or > '~')
                end++;
            if (end > i)
            {
                var base64 = Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(text[i..end]));
                encoded.Append('&').Append(base64.TrimEnd('=').Replace('/', ',')).Append('-');
                i = end;
                continue;
            }
            encoded.Append(text[i] == '&' ? "&-" : text[i].ToString());
            i++;
        }
        return encoded.ToString();
    }
}
