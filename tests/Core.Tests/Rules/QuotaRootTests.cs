using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

public sealed class QuotaRootTests
{
    [Fact]
    public void TryParse_Dovecots_IsRead()
    {
        var root = Root("maildir:User quota:hidden:ignoreunlimited:noenforcing:ns=Archive/");
        var expected = new QuotaRoot("User quota", QuotaRootKind.Mailbox)
        {
            Hidden = true, IgnoreUnlimited = true, NoEnforcing = true, Namespace = "Archive/",
        };
        Assert.Equal(expected, root);
        Assert.Empty(root.Notes);
    }

    [Fact]
    public void TryParse_AnyOrder_IsTheSame() => Assert.Equal(
        Root("maildir:Q:hidden:noenforcing:ns=A/"), Root("maildir:Q:ns=A/:noenforcing:hidden"));

    [Theory]
    [InlineData("maildir", "")]
    [InlineData("maildir:", "")]
    [InlineData(" maildir:User quota ", "User quota")]
    [InlineData("maildir::noenforcing", "")]
    public void TryParse_Name_MayBeMissing(string text, string name) => Assert.Equal(name, Root(text).Name);

    [Theory]
    [InlineData("count:User quota:noenforcing", "count")]
    [InlineData("dirsize:User quota:noenforcing", "dirsize")]
    [InlineData("dict:User quota::noenforcing:proxy::quota", "dict")]
    [InlineData("dict:User quota:user:no-unset:noenforcing:file:/var/quota/%u", "dict")]
    public void TryParse_OtherStores_AreReadAsMaildirAndTold(string text, string backend)
    {
        var root = Root(text);
        Assert.Equal(new QuotaRoot("User quota", QuotaRootKind.Mailbox) { NoEnforcing = true }, root);
        Assert.StartsWith(
            $"column 1: {backend} is read as maildir", Assert.Single(root.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, "the quota root is empty")]
    [InlineData("fs:User quota", 1, "belong to the file system; give them as quota_rule")]
    [InlineData("imapc:User quota", 1, "belong to the remote server")]
    [InlineData("foo:User quota", 1, "Unknown quota backend: foo")]
    [InlineData("maildir:Q:hiden", 11, "Unknown parameter for backend maildir: hiden; known are hidden")]
    [InlineData("maildir:Q:by=%d", 11, "Unknown parameter for backend maildir: by=%d")]
    [InlineData("maildir:Q:ns=.Archive", 14, "no leading dot")]
    [InlineData("group:Domain", 13, "by= is missing")]
    [InlineData("group:Domain:by=", 17, "by= is empty")]
    [InlineData("group:Domain:by=x%h", 18, "unknown variable; use %d")]
    [InlineData("group:Domain:by=%", 17, "unknown variable")]
    [InlineData("group:Domain:by=%d:ns=A/", 20, "Unknown parameter for backend group: ns=A/")]
    public void TryParse_Wrong_SaysWhereAndHow(string text, int column, string words)
    {
        Assert.False(QuotaRoot.TryParse(text, out var root, out var error));
        Assert.Null(root);
        Assert.StartsWith($"column {column}: ", error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_AnyText_GivesARootOrAnErrorThatPointsIntoIt()
    {
        var pieces = Gen.ArrayOf(Gen.Elements(
            "maildir", "group", "dict", "fs", ":", ":", ":", "User quota", "hidden", "noenforcing", "ns=", "by=", "%d", "%",
            ".", "/", " ", "x")).Select(string.Concat);
        var texts = Gen.OneOf(pieces, ArbMap.Default.GeneratorFor<string>().Where(text => text is not null));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            if (QuotaRoot.TryParse(text, out var root, out var error))
                return (root.Kind == QuotaRootKind.Group) == (root.By is not null);
            var column = int.Parse(error["column ".Length..error.IndexOf(':', StringComparison.Ordinal)]);
            return column >= 1 && column <= text.Length + 1;
        }).Check(Chance.Of(100));
    }

    [Fact]
    public void TryParse_Separator_MayBeADot()
    {
        var root = Root("maildir:Q:ns=Archive.");
        Assert.Equal("Archive/", root.Namespace);
        Assert.StartsWith(
            "column 14: Archive. is read as Archive/", Assert.Single(root.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INBOX", "user,rest")]
    [InlineData("Trash", "user,rest")]
    [InlineData("Archive/2020", "user,archive")]
    [InlineData("Archive", "user,archive")]
    [InlineData("Archive2", "user,rest")]
    [InlineData("archive/2020", "user,rest")]
    [InlineData("Archive/Old/x", "user,old")]
    public void Covers_Folder_CountsForTheLongestPrefixAndForRootsWithoutOne(string folder, string names)
    {
        QuotaRoot[] roots =
        [
            Root("maildir:user"), Root("maildir:rest:ns="), Root("maildir:archive:ns=Archive/"),
            Root("maildir:old:ns=Archive/Old/"),
        ];
        var covering = roots.Where(root => root.Covers(folder, roots)).Select(root => root.Name);
        Assert.Equal(names, string.Join(',', covering));
    }

    [Theory]
    [InlineData("%d", "anna@example.org", "example.org")]
    [InlineData("%n", "anna@example.org", "anna")]
    [InlineData("%u", "anna@example.org", "anna@example.org")]
    [InlineData("x-%d-100%%", "anna@example.org", "x-example.org-100%")]
    [InlineData("all", "anna", "all")]
    [InlineData("%n", "anna", "anna")]
    [InlineData("%d", "anna", null)]
    [InlineData("x%d", "anna@", null)]
    [InlineData("%n", "@example.org", null)]
    public void GroupOf_User_IsTheTemplatesText(string template, string user, string? group)
    {
        var by = Root($"group:Domain:by={template}").By;
        Assert.Equal(template, by?.ToString());
        Assert.Equal(group, by?.GroupOf(user));
    }

    private static QuotaRoot Root(string text) =>
        QuotaRoot.TryParse(text, out var root, out var error) ? root : throw new ArgumentException(error);
}
