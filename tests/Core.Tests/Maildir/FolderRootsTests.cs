using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Simulation;

namespace MaildirQuotaWatcher.Core.Tests.Maildir;

/// <summary>Quota roots of an index: whatever happens and whatever rules come, the sums are those of the names.</summary>
public sealed class FolderRootsTests
{
    private static readonly string[] Names = ["", ".Sent", ".Junk", ".Archive", ".Archive.Old"];

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData(".Trash", -1, 0)]
    [InlineData(".Trash.Old", 0, 0)]
    public void RootOf_Policy_IsWhetherTheFolderCounts(string folder, int courier, int dovecot)
    {
        Assert.Equal(courier, CountingPolicy.MaildirPlusPlus.RootOf(Encoding.ASCII.GetBytes(folder)));
        Assert.Equal(dovecot, CountingPolicy.Dovecot.RootOf(Encoding.ASCII.GetBytes(folder)));
    }

    [Fact]
    public void Reassign_FolderIgnored_LeavesTheTotalAndComesBack()
    {
        var box = new Box();
        box.Deliver(0, 100);
        box.Deliver(2, 30);

        Assert.True(box.SetRules(new FolderTable((".Junk", -1))));
        Assert.Equal((new Usage(100, 1), null), (box.Index.Total, box.Index.OtherTotals()));
        Assert.Equal(new Usage(30, 1), box.Index.TotalOf(-1));
        Assert.True(box.Index.HasFolderRules);
        box.Deliver(2, 7);
        Assert.Equal(new Usage(100, 1), box.Index.Total);

        Assert.True(box.SetRules(new FolderTable()));
        Assert.Equal(new Usage(137, 3), box.Index.Total);
        Assert.False(box.Index.HasFolderRules);
    }

    [Fact]
    public void Reassign_SameRootsByOtherRules_ChangesNothing()
    {
        var box = new Box();
        box.Deliver(3, 100);
        Assert.True(box.SetRules(new FolderTable((".Archive", 2))));

        Assert.False(box.SetRules(new FolderTable((".Archive", 2), (".NotThere", 1))));
        Assert.Equal([Usage.Zero, new Usage(100, 1)], box.Index.OtherTotals()!);
    }

    [Fact]
    public void OtherTotals_FolderOfAnotherRootGone_RootHoldsNothing()
    {
        var box = new Box();
        box.SetRules(new FolderTable((".Archive", 1)));
        box.Deliver(3, 100);
        Assert.Equal([new Usage(100, 1)], box.Index.OtherTotals()!);

        box.Remove(3);
        Assert.Equal([Usage.Zero], box.Index.OtherTotals()!);
    }

    [Fact]
    public void Reassign_WhileADirectoryIsCounted_CountGoesToTheNewRoot()
    {
        var box = new Box();
        box.Deliver(3, 100);
        box.Recount(3, () => box.SetRules(new FolderTable((".Archive", 1))));

        Assert.Equal((Usage.Zero, new Usage(100, 1)), (box.Index.Total, box.Index.TotalOf(1)));
    }

    [Fact]
    public void TotalOf_SizesBeyond64Bits_Saturates()
    {
        var box = new Box();
        box.SetRules(new FolderTable((".Archive", 1)));
        for (var message = 0; message < 10_000; message++)
            box.Deliver(3, 999_999_999_999_999);

        Assert.Equal(new Usage(long.MaxValue, 10_000), box.Index.TotalOf(1));
        Assert.Equal((".Archive", new Usage(long.MaxValue, 10_000)), box.Index.LargestFolders(1).Single());
    }

    [Fact]
    public void LargestFolders_CountedOrNot_LargestFirstWithoutTheEmpty()
    {
        var box = new Box();
        box.SetRules(new FolderTable((".Junk", -1), (".Archive", 1)));
        box.Deliver(0, 10);
        box.Deliver(1, 500);
        box.Deliver(2, 9000);
        box.Deliver(2, 1000);
        box.Deliver(3, 600);

        Assert.Equal(
            [(".Junk", new Usage(10_000, 2)), (".Archive", new Usage(600, 1)), (".Sent", new Usage(500, 1))],
            box.Index.LargestFolders(3));
        Assert.Equal(4, box.Index.LargestFolders(100).Count);
        Assert.Equal("INBOX", box.Index.LargestFolders(100)[^1].Folder);
    }

    [Fact]
    public void AnyEventsAndRules_SumsAreThoseOfTheNames() => Prop.ForAll(
        Arb.From(Gen.Choose(0, int.MaxValue)),
        seed =>
        {
            var (box, random) = (new Box(), new Random(seed));
            for (var step = 0; step < 60; step++)
            {
                box.DoSomething(random);
                for (var root = -1; root <= 3; root++)
                    Assert.Equal(box.Naive(root), box.Index.TotalOf(root));
                var others = box.Index.OtherTotals() ?? [];
                Assert.Equal(others, Enumerable.Range(1, others.Length).Select(box.Naive));
                Assert.All(Enumerable.Range(others.Length + 1, 3), root => Assert.Equal(Usage.Zero, box.Naive(root)));
                Assert.Equal(
                    box.Index.LargestFolders(100).Sum(static entry => entry.Usage.Bytes),
                    Enumerable.Range(-1, 5).Sum(root => box.Naive(root).Bytes));
            }
        }).Check(Chance.Of(500));

    /// <summary>An index with one directory a folder, and beside it every message by name.</summary>
    private sealed class Box
    {
        private readonly Dictionary<int, (int Id, Dictionary<string, long> Messages)> _folders = [];
        private FolderTable _rules = new();
        private MaildirFolder[] _objects = [.. Names.Select(name => new MaildirFolder(Encoding.ASCII.GetBytes(name), 0))];
        private int _last;
        private long _ticket;

        public Box()
        {
            for (var folder = 0; folder < 4; folder++)
                Add(folder);
        }

        public MailboxIndex Index { get; } =
            new(CountingPolicy.Dovecot, new NameHash(1, 2), null!, new FreshNames(16));

        public Usage Naive(int root)
        {
            var messages = _folders
                .Where(entry => _rules.RootOf(Encoding.ASCII.GetBytes(Names[entry.Key])) == root)
                .SelectMany(entry => entry.Value.Messages.Values)
                .ToArray();
            return new Usage(messages.Sum(), messages.Length);
        }

        public bool SetRules(FolderTable rules)
        {
            _rules = rules;
            _objects = [.. _objects.Select(folder => folder with { Root = rules.RootOf(folder.Name) })];
            return Index.Reassign(folder => _objects.Single(known => known.Name == folder.Name));
        }

        public void Deliver(int folder, long bytes)
        {
            var name = $"{++_last}.host,S={bytes}";
            _folders[folder].Messages.Add(name, bytes);
            Tell(MaildirEventKind.MovedIn, folder, name);
        }

        public void Add(int folder)
        {
            _folders.Add(folder, (Index.AddDirectory(_objects[folder]), []));
            Recount(folder, static () => { });
        }

        public void Remove(int folder)
        {
            Index.RemoveDirectory(_folders[folder].Id);
            _folders.Remove(folder);
        }

        /// <summary>Counts a folder; something happens before its fence passes.</summary>
        public void Recount(int folder, Action meanwhile)
        {
            var (id, messages) = _folders[folder];
            Index.BeginCount(id);
            foreach (var name in messages.Keys)
                Index.Saw(id, Encoding.ASCII.GetBytes(name));
            Index.ScanDone(id);
            Index.MarkFence(++_ticket);
            meanwhile();
            Index.FencePassed(_ticket);
        }

        public void DoSomething(Random random)
        {
            var folder = random.Next(Names.Length);
            var there = _folders.ContainsKey(folder);
            switch (random.Next(6))
            {
                case 0 when there:
                    Remove(folder);
                    break;
                case 1 when there && _folders[folder].Messages.Count > 0:
                    var name = _folders[folder].Messages.Keys.ElementAt(random.Next(_folders[folder].Messages.Count));
                    _folders[folder].Messages.Remove(name);
                    Tell(MaildirEventKind.Deleted, folder, name);
                    break;
                case 2:
                    SetRules(AnyRules(random));
                    break;
                case 3 when there:
                    Recount(folder, () => SetRules(AnyRules(random)));
                    break;
                default:
                    if (!there)
                        Add(folder);
                    Deliver(folder, random.Next(1, 1000));
                    break;
            }
        }

        private static FolderTable AnyRules(Random random) =>
            new([.. Names.Where(_ => random.Next(2) == 0).Select(name => (name, random.Next(-1, 4)))]);

        private void Tell(MaildirEventKind kind, int folder, string name) => Index.Apply(
            new MaildirEvent { Kind = kind, Directory = _folders[folder].Id, Name = Encoding.ASCII.GetBytes(name) },
            new Moment(0, 1000));
    }
}
