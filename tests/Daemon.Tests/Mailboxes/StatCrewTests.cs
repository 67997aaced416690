using System.Globalization;
using System.Text;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>Looking at messages together gives what looking at them alone gives.</summary>
public sealed class StatCrewTests : IDisposable
{
    private const int Messages = 3000;

    private readonly ScratchDirectory _scratch = new();
    private readonly MailboxDirectory _mailbox;
    private readonly int _root;

    public StatCrewTests()
    {
        LiveWatch.MakeMaildir(_scratch.FullName);
        for (var i = 0; i < Messages; i++)
        {
            using var file = File.Create($"{_scratch.FullName}/cur/{i}");
            file.SetLength(i);
        }

        for (var i = 0; i < 50; i++)
            File.WriteAllText($"{_scratch.FullName}/new/{i}.a.h,S=11:2,S", "");
        File.CreateSymbolicLink(_scratch.FullName + "/cur/dangling", "nowhere");
        File.CreateSymbolicLink(_scratch.FullName + "/cur/link", "17");
        Directory.CreateDirectory(_scratch.FullName + "/cur/directory");
        _mailbox = MailboxDirectory.Find(BytePath.FromString(_scratch.FullName), followLinks: true, out _)!;
        _root = _mailbox.Open(out _);
    }

    public static TheoryData<string, int> Crews => new(
        from policy in CountingPolicy.All from helpers in (int[])[0, 1, 5] select (policy.Name, helpers));

    public void Dispose()
    {
        Files.Close(_root);
        _scratch.Dispose();
    }

    [Theory]
    [MemberData(nameof(Crews))]
    public void Total_WithHelpers_IsThatWithout(string policy, int helpers)
    {
        var counted = CountingPolicy.Find(policy)!.WithoutTrustedNames();
        var alone = new MailboxCounter(counted, _root, _mailbox.Owner).Total();
        using var crew = new StatCrew(helpers);

        Assert.True(alone!.Value.Messages > Messages);
        for (var round = 0; round < 5; round++)
            Assert.Equal(alone, new MailboxCounter(counted, _root, _mailbox.Owner, crew).Total());
        Assert.Equal(helpers, crew.Hired);
    }

    [Fact]
    public void Found_OfSeveralBatches_IsEachNamesOwn_InOrder()
    {
        using var crew = new StatCrew(3);
        using var reader = new MessageReader(crew);
        using var cur = Open("cur");
        var seen = 0;
        reader.Attach(cur.Number, _mailbox.Owner);
        while (reader.ReadBatch(out _))
        {
            var asked = new List<string>();
            while (reader.Next(out var name, out var type))
            {
                if (type != DirectoryReader.DT_REG)
                    continue;
                asked.Add(Encoding.ASCII.GetString(name));
                reader.Ask();
            }

            reader.Look();
            Assert.Equal(asked.Count, reader.Count);
            for (var i = 0; i < reader.Count; i++)
            {
                Assert.Equal(asked[i], Encoding.ASCII.GetString(reader.Found(i, out var stat)));
                Assert.Equal(asked[i], stat.Bytes.ToString(CultureInfo.InvariantCulture));
                seen++;
            }
        }

        Assert.Equal(Messages, seen);
    }

    [Fact]
    public void Total_ByManyCallersAtOnce_IsRightForEach()
    {
        using var crew = new StatCrew(2);
        var policy = CountingPolicy.MaildirPlusPlus.WithoutTrustedNames();
        var expected = new MailboxCounter(policy, _root, _mailbox.Owner).Total();

        var totals = Enumerable.Range(0, 24).AsParallel().WithDegreeOfParallelism(4).Select(_ =>
        {
            var root = _mailbox.Open(out var _);
            var total = new MailboxCounter(policy, root, _mailbox.Owner, crew).Total();
            Files.Close(root);
            return total;
        }).ToArray();

        Assert.All(totals, total => Assert.Equal(expected, total));
    }

    [Fact]
    public void Crew_IsHiredByTheFirstLargeBatch_AndEndsWhenDisposed()
    {
        var crew = new StatCrew(2);
        var trusted = new MailboxCounter(CountingPolicy.MaildirPlusPlus, _root, _mailbox.Owner, crew);
        Directory.Move(_scratch.FullName + "/cur", _scratch.FullName + "/away");
        Assert.Equal(50, trusted.Total()!.Value.Messages);
        Assert.Equal(0, crew.Hired);

        Directory.Move(_scratch.FullName + "/away", _scratch.FullName + "/cur");
        Assert.True(trusted.Total()!.Value.Messages > Messages);
        Assert.Equal(2, crew.Hired);

        crew.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trusted.Total());
    }

    private Descriptor Open(string half) =>
        new(Files.OpenDirectory(_root, Encoding.ASCII.GetBytes(half), followLinks: false, out _));
}
