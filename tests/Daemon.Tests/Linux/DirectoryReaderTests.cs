using System.Text;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class DirectoryReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly DirectoryReader _reader = new();

    public void Dispose()
    {
        _reader.Dispose();
        _directory.Dispose();
    }

    /// <summary>Else a first count of a store would make the disk write every directory's inode.</summary>
    [Fact]
    public void Read_AsRoot_LeavesTheAccessTimeAlone()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "others may not ask for it with every directory");
        var inside = Directory.CreateDirectory(_directory.At("cur")).FullName;
        File.WriteAllText(Path.Combine(inside, "1.a"), "");
        var before = DateTime.UtcNow.AddYears(-1);
        Directory.SetLastAccessTimeUtc(inside, before);
        foreach (var relative in (string[])["cur", "./cur"])
        {
            var fd = Files.OpenBeneath(_directory.Fd, Encoding.ASCII.GetBytes(relative), followLinks: false, out _);
            _reader.Attach(fd);
            Assert.True(_reader.ReadBatch(out _));
            Files.Close(fd);
        }

        Assert.Equal(before, Directory.GetLastAccessTimeUtc(inside));
    }

    [Fact]
    public void Next_TwentyThousandNames_SeesEachOnceInSeveralBatches()
    {
        const int Wanted = 20_000;
        for (var i = 0; i < Wanted; i++)
            _directory.Touch($"{i}.M{i * 7}P42.host,S=4096:2,S");
        _reader.Attach(_directory.Fd);

        var seen = new HashSet<string>();
        var batches = 0;
        while (_reader.ReadBatch(out var errno))
        {
            batches++;
            while (_reader.Next(out var name, out var type))
            {
                Assert.True(seen.Add(Encoding.ASCII.GetString(name)));
                Assert.Contains(type, new[] { DirectoryReader.DT_REG, DirectoryReader.DT_UNKNOWN });
            }

            Assert.Equal(Errno.None, errno);
        }

        Assert.Equal(Wanted, seen.Count);
        Assert.True(batches > 5);
    }

    [Fact]
    public void Next_NamesOfAnyBytesAndLengths_ComeUnchanged()
    {
        byte[][] names =
        [
            [0xff], [0xe9, (byte)'\n', 0x80], "..."u8.ToArray(), ".x"u8.ToArray(),
            [.. Enumerable.Repeat((byte)0xfe, 255)],
        ];
        foreach (var name in names)
            _directory.Touch(name);

        var seen = ReadAll(_directory.Fd);

        Assert.Equal(names.Select(Convert.ToHexString).Order(), seen.Order());
    }

    [Fact]
    public void Attach_AnotherDirectoryAndBack_GoesOnWhereItWas()
    {
        for (var i = 0; i < 5000; i++)
            _directory.Touch($"a-rather-long-name-so-that-batches-fill-up-{i}");
        using var other = new TemporaryDirectory();
        other.Touch("other");
        var seen = new List<string>();

        _reader.Attach(_directory.Fd);
        Assert.True(_reader.ReadBatch(out _));
        while (_reader.Next(out var name, out _))
            seen.Add(Convert.ToHexString(name));
        Assert.InRange(seen.Count, 1, 4999);
        Assert.Equal([Convert.ToHexString("other"u8)], ReadAll(other.Fd));
        seen.AddRange(ReadAll(_directory.Fd));

        Assert.Equal(5000, seen.Distinct().Count());
        Assert.Equal(5000, seen.Count);
        Assert.Empty(ReadAll(_directory.Fd));
        Assert.Equal(Errno.None, _reader.Rewind());
        Assert.True(_reader.ReadBatch(out _));
    }

    [Fact]
    public void ReadBatch_EmptyDirectory_HasNoNamesAndNoError()
    {
        Assert.Empty(ReadAll(_directory.Fd));
        Assert.False(_reader.Next(out _, out _));
    }

    [Fact]
    public void ReadBatch_DirectoryRemoved_IsAnErrorValue()
    {
        Directory.CreateDirectory(_directory.At("sub"));
        using var sub = new Descriptor(Files.OpenDirectory(_directory.Fd, "sub"u8, false, out _));
        Directory.Delete(_directory.At("sub"));
        _reader.Attach(sub.Number);

        Assert.False(_reader.ReadBatch(out var errno));

        Assert.Equal(Errno.ENOENT, errno);
    }

    [Fact]
    public void ReadBatch_NotADirectory_IsAnErrorValue()
    {
        _reader.Attach(-1);

        Assert.False(_reader.ReadBatch(out var errno));

        Assert.Equal(Errno.EBADF, errno);
    }

    private List<string> ReadAll(int fd)
    {
        var names = new List<string>();
        _reader.Attach(fd);
        Errno errno;
        while (_reader.ReadBatch(out errno))
            while (_reader.Next(out var name, out _))
                names.Add(Convert.ToHexString(name));
        Assert.Equal(Errno.None, errno);
        return names;
    }
}
