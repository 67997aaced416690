using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class FanotifyRecordsTests
{
    private const byte Known = 7;
    private static readonly byte[] Inside = [1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] Other = [8, 7, 6, 5, 4, 3, 2, 1];

    private readonly HandleTable _table = new();
    private readonly FanotifyTranslator _translator;
    private readonly int _watch;

    public FanotifyRecordsTests()
    {
        _translator = new FanotifyTranslator(_table, static id => id == Known ? (byte)1 : (byte)0);
        FileHandle.TryCreate(1, 1, Inside, out var handle);
        _watch = _table.Set(handle, IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF);
    }

    [Fact]
    public void MoveNext_WholeEvents_GivesEach()
    {
        var records = new FanotifyRecords([.. Event(IN_CREATE, Entry(2, Inside, "a")), .. Event(IN_Q_OVERFLOW)]);

        Assert.True(records.MoveNext());
        Assert.Equal(IN_CREATE, records.Mask);
        Assert.Equal("a"u8, records.Entry.Name);
        Assert.Equal(Inside, records.Entry.Handle);
        Assert.Equal((ulong)Known, records.Entry.FileSystem);
        Assert.Equal(1, records.Entry.HandleType);
        Assert.True(records.MoveNext());
        Assert.Equal(IN_Q_OVERFLOW, records.Mask);
        Assert.True(records.Entry.Handle.IsEmpty);
        Assert.False(records.MoveNext());
    }

    [Fact]
    public void MoveNext_CutAnywhere_GivesOnlyWholeEvents()
    {
        byte[] first = Event(IN_CREATE, Entry(2, Inside, "name")), both = [.. first, .. Event(IN_DELETE, Entry(2, Inside, "b"))];
        for (var length = 0; length < both.Length; length++)
            Assert.Equal(length >= first.Length ? 1 : 0, Count(both.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(0, 0xffffffffu, 0)]
    [InlineData(0, 23u, 0)]
    [InlineData(0, 0u, 0)]
    [InlineData(4, 0x00180002u, 0)]
    [InlineData(4, 0x00170003u, 0)]
    [InlineData(4, 0xffff0003u, 0)]
    [InlineData(24, 0xffff0002u, 1)]
    [InlineData(24, 0x00030002u, 1)]
    [InlineData(36, 0xffffffffu, 1)]
    [InlineData(36, 0x7fffffffu, 1)]
    [InlineData(36, 30u, 1)]
    public void MoveNext_HeaderThatIsNone_Ends_AndInformationThatIsNone_IsAnEventWithoutAName(int at, uint word, int events)
    {
        var bytes = Event(IN_CREATE, Entry(2, Inside, "name"));
        BitConverter.TryWriteBytes(bytes.AsSpan(at), word);

        Assert.Equal(events, Count(bytes));
        Assert.Empty(Translate(bytes));
    }

    [Fact]
    public void Translate_AnyBytes_StaysWithinTheBytes()
    {
        var random = new Random(5);
        byte[] seed = [.. Rename("abc", "d"), .. Event(IN_CREATE | IN_DELETE | IN_CLOSE_WRITE, Entry(2, Inside, "x"))];
        var records = new byte[FanotifyTranslator.Expansion * seed.Length];
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = seed.ToArray();
            for (var change = random.Next(4); change >= 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Assert.InRange(_translator.Translate(bytes, records), 0, records.Length);
        }
    }

    [Fact]
    public void Translate_OneEventOfAName_IsThatRecord() => Assert.Equal(
        [$"{IN_CREATE:x} a", $"{IN_CLOSE_WRITE:x} a", $"{IN_DELETE | IN_ISDIR:x} b", $"{IN_CLOSE_WRITE:x} c"],
        Translate([
            .. Event(IN_CREATE | IN_CLOSE_WRITE, Entry(2, Inside, "a")),
            .. Event(IN_DELETE | IN_ISDIR, Entry(2, Inside, "b")),
            .. Event(IN_CLOSE_WRITE | IN_MODIFY, Entry(2, Inside, "c")),
        ]));

    [Fact]
    public void Translate_OtherDirectories_AreDropped() => Assert.Empty(Translate([
        .. Event(IN_CREATE, Entry(2, Other, "a")),
        .. Event(IN_DELETE_SELF | IN_ISDIR, Entry(2, Other, ".")),
        .. Event(Libc.FAN_RENAME, Entry(10, Other, "a"), Entry(12, Other, "b")),
    ]));

    [Fact]
    public void Translate_Rename_HasTheHalvesThatAreWatchedAndACookie()
    {
        var records = Rename("a", "b");
        var output = new byte[FanotifyTranslator.Expansion * records.Length];
        var length = _translator.Translate(records, output);
        var walk = new InotifyRecords(output.AsSpan(0, length));

        Assert.True(walk.MoveNext());
        Assert.Equal(IN_MOVED_FROM, walk.Mask);
        var cookie = walk.Cookie;
        Assert.NotEqual(0u, cookie);
        Assert.True(walk.MoveNext());
        Assert.Equal((IN_MOVED_TO, cookie), (walk.Mask, walk.Cookie));
        Assert.Equal("b"u8, walk.Name);
        Assert.Equal(
            [$"{IN_MOVED_TO:x} c"],
            Translate(Event(Libc.FAN_RENAME, Entry(10, Other, "tmp"), Entry(12, Inside, "c"))));
        Assert.Equal(
            [$"{IN_MOVED_FROM:x} d"],
            Translate(Event(Libc.FAN_RENAME, Entry(10, Inside, "d"), Entry(12, Other, "d"))));
    }

    [Fact]
    public void Translate_SeveralBitsOrSecondEventOfAName_IsAmbiguous()
    {
        string[] ambiguous = [$"{IN_DELETE | IN_AMBIGUOUS:x} a", $"{IN_CREATE | IN_AMBIGUOUS:x} a"];
        Assert.Equal(ambiguous, Translate(Event(IN_CREATE | IN_DELETE, Entry(2, Inside, "a"))));
        Assert.Equal(ambiguous, Translate(Event(IN_DELETE, Entry(2, Inside, "a"))));
        _translator.QueueIsEmpty();

        Assert.Equal([$"{IN_DELETE:x} a"], Translate(Event(IN_DELETE, Entry(2, Inside, "a"))));
        Assert.Equal(
            [.. ambiguous, $"{IN_DELETE | IN_AMBIGUOUS:x} b", $"{IN_CREATE | IN_AMBIGUOUS:x} b"],
            Translate(Rename("a", "b")));
    }

    [Fact]
    public void Translate_ManyNames_NoneIsTakenForAnother()
    {
        for (var i = 0; i < 3000; i++)
            Assert.Single(Translate(Event(IN_CREATE, Entry(2, Inside, $"{i}"))));
        for (var i = 0; i < 3000; i++)
            Assert.Equal(2, Translate(Event(IN_CREATE, Entry(2, Inside, $"{i}"))).Count);
    }

    [Fact]
    public void Translate_Removed_EndsTheWatch()
    {
        var removed = Event(IN_DELETE_SELF | IN_ISDIR, Entry(2, Inside, "."));

        Assert.Empty(Translate(Event(IN_DELETE_SELF, Entry(2, Inside, "file"))));
        Assert.Equal([$"{IN_DELETE_SELF:x} ", $"{IN_IGNORED:x} "], Translate(removed));
        Assert.Empty(Translate(removed));
    }

    private static byte[] Rename(string from, string to) =>
        Event(Libc.FAN_RENAME, Entry(10, Inside, from), Entry(12, Inside, to));

    private List<string> Translate(byte[] events)
    {
        var records = new byte[FanotifyTranslator.Expansion * events.Length];
        var length = _translator.Translate(events, records);
        var seen = new List<string>();
        foreach (var record in new InotifyRecords(records.AsSpan(0, length)))
        {
            Assert.Equal(_watch, record.Wd);
            seen.Add($"{record.Mask:x} {System.Text.Encoding.ASCII.GetString(record.Name)}");
        }

        return seen;
    }

    private static int Count(ReadOnlySpan<byte> bytes)
    {
        var records = new FanotifyRecords(bytes);
        var count = 0;
        while (records.MoveNext())
            count += records.Entry.Name.Length >= 0 ? 1 : 0;
        return count;
    }

    private static byte[] Event(ulong mask, params byte[][] information)
    {
        var all = information.SelectMany(static part => part).ToArray();
        return
        [
            .. BitConverter.GetBytes(24 + all.Length), 3, 0, .. BitConverter.GetBytes((short)24),
            .. BitConverter.GetBytes(mask), .. BitConverter.GetBytes(-1), .. BitConverter.GetBytes(0), .. all,
        ];
    }

    private static byte[] Entry(byte type, byte[] handle, string name)
    {
        byte[] padded = [.. System.Text.Encoding.ASCII.GetBytes(name), .. new byte[4 - name.Length % 4]];
        return
        [
            type, 0, .. BitConverter.GetBytes((short)(20 + handle.Length + padded.Length)),
            .. BitConverter.GetBytes((ulong)Known), .. BitConverter.GetBytes(handle.Length), .. BitConverter.GetBytes(1),
            .. handle, .. padded,
        ];
    }
}
