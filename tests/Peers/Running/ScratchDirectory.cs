using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>A directory of the test's own that the delivery user can enter; gone when disposed.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public ScratchDirectory()
    {
        Location = Directory.CreateTempSubdirectory("mqw-peers-").FullName;
        Syscall.chmod(Location, FilePermissions.S_IRWXU | FilePermissions.S_IRGRP | FilePermissions.S_IXGRP
            | FilePermissions.S_IROTH | FilePermissions.S_IXOTH);
    }

    public string Location { get; }

    /// <summary>Makes a sub-directory owned by the delivery user.</summary>
    public string Owned(string relative)
    {
        var path = Directory.CreateDirectory(Path.Combine(Location, relative)).FullName;
        MailUser.Delivery.Own(path);
        return path;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Location, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A program was still removing its temporary file: only the scratch directory of a test is at stake.
        }
    }
}
