using MaildirQuotaWatcher.Daemon.Tests.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.State;

/// <summary>A small file system of its own, mounted on a directory, which can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _directory;
    private readonly string? _image;

    /// <param name="directory">Made when it is not there.</param>
    /// <param name="type"><c>tmpfs</c>, or <c>ext4</c> in a file beside the directory.</param>
    public SmallDisk(string directory, string type)
    {
        Rights.DemandMount();
        _directory = directory;
        Directory.CreateDirectory(directory);
        if (type == "tmpfs")
        {
            Shell.Run("mount", "-t", "tmpfs", "-o", "size=512k", "none", directory);
            return;
        }

        _image = directory + ".img";
        Shell.Run("truncate", "-s", "4M", _image);
        Shell.Run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", _image);
        Shell.Run("mount", "-o", "loop", _image, directory);
    }

    private string Ballast => Path.Combine(_directory, "ballast");

    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var chunk = 1 << 16; chunk > 0; chunk /= 2)
        {
            try
            {
                while (true)
                    file.Write(new byte[chunk]);
            }
            catch (IOException)
            {
                // What is left is less than this.
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Shell.Run("umount", "-l", _directory);
        if (_image is not null)
            File.Delete(_image);
    }
}
