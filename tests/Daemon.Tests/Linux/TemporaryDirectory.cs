using System.Text;
using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.OpenFlags;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

/// <summary>A real directory, open, for one test; removed with everything in it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly Descriptor _descriptor;

    public TemporaryDirectory()
    {
        Text = Directory.CreateTempSubdirectory("mqw-linux-").FullName;
        Path = BytePath.FromString(Text);
        _descriptor = new Descriptor(Files.OpenDirectory(Path, followLinks: false, out var errno));
        Assert.Equal(Errno.None, errno);
    }

    public string Text { get; }

    public BytePath Path { get; }

    public int Fd => _descriptor.Number;

    public string At(string name) => System.IO.Path.Combine(Text, name);

    /// <summary>An empty file of that name.</summary>
    public void Touch(ReadOnlySpan<byte> name)
    {
        var fd = Files.Open(Fd, name, O_WRONLY | O_CREAT, 0x1a4, out var errno);
        Assert.Equal(Errno.None, errno);
        Files.Close(fd);
    }

    public void Touch(string name) => Touch(Encoding.UTF8.GetBytes(name));

    public void Dispose()
    {
        using var reader = new DirectoryReader();
        reader.Attach(Fd);
        reader.Rewind();
        // Names that are not UTF-8 are out of .NET's reach.
        var names = new List<byte[]>();
        while (reader.ReadBatch(out _))
            while (reader.Next(out var name, out _))
                names.Add(name.ToArray());
        foreach (var name in names)
            Files.UnlinkAt(Fd, name);
        _descriptor.Dispose();
        Directory.Delete(Text, recursive: true);
    }
}
