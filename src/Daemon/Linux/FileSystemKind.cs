namespace MaildirQuotaWatcher.Linux;

/// <summary>Whether this kernel sees every change of a file system.</summary>
internal enum FileSystemKind
{
    /// <summary>Not known to us.</summary>
    Unknown,

    /// <summary>All changes go through this kernel, so its events tell of all of them.</summary>
    Local,

    /// <summary>Others change it too (NFS, clusters, shared folders) or a process stands behind it (FUSE).</summary>
    Network,
}
