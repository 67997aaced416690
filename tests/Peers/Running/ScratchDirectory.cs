using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>A directory of the test's own that the delivery user can enter; gone when disposed.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly Testing.ScratchDirectory directory = new();

    public ScratchDirectory() =>
        Syscall.chmod(Location, FilePermissions.S_IRWXU | FilePermissions.S_IRGRP | FilePermissions.S_IXGRP
            | FilePermissions.S_IROTH | FilePermissions.S_IXOTH);

    public string Location => directory.FullName;

    /// <summary>Makes a sub-directory owned by the delivery user.</summary>
    public string Owned(string relative)
    {
        var path = Directory.CreateDirectory(Path.Combine(Location, relative)).FullName;
        MailUser.Delivery.Own(path);
        return path;
    }

    public void Dispose() => directory.Dispose();
}
