namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// The leases of fcntl(2). That for writing is granted only while no other descriptor for the file exists anywhere on
/// this machine; while it is held, another open(2) waits (with O_NONBLOCK it fails with EWOULDBLOCK). Hold it for
/// microseconds. That for reading is the same towards those who write: readers do not matter.
/// </summary>
/// <remarks>
/// Needs a regular file and its ownership or CAP_LEASE (else EACCES). EAGAIN: somebody has it open, or the filesystem
/// has no leases for it (NFS: EAGAIN or EINVAL). Closing the descriptor releases the lease too. When another opener
/// waits the kernel sends SIGIO, whose default action ends the process: <see cref="IgnoreBreakSignal"/> first.
/// </remarks>
internal static class Lease
{
    /// <summary>Takes the lease, or says at once why not. Never waits.</summary>
    public static Errno TakeWrite(int fd) => Set(fd, Libc.F_WRLCK);

    /// <summary>
    /// Takes the lease for reading, on a file opened for nothing but that, or says at once why not: EAGAIN when
    /// somebody has it open for writing. Never waits; the kernel takes it away after lease-break-time, 45 s.
    /// </summary>
    public static Errno TakeRead(int fd) => Set(fd, Libc.F_RDLCK);

    /// <summary>Whether somebody else has the file open at this moment: the lease is taken and given back.</summary>
    /// <returns>EAGAIN when somebody has, no error when nobody has, anything else where there are no leases.</returns>
    public static Errno Probe(int fd)
    {
        var errno = TakeWrite(fd);
        if (errno.IsOk)
            Release(fd);
        return errno;
    }

    /// <summary>Gives the lease back; openers that waited go on.</summary>
    public static Errno Release(int fd) => Set(fd, Libc.F_UNLCK);

    /// <summary>Ignores SIGIO in this process. Call once at start, before any lease; repeating does no harm.</summary>
    public static void IgnoreBreakSignal() => Libc.signal(Libc.SIGIO, Libc.SIG_IGN);

    private static Errno Set(int fd, int kind) =>
        Libc.fcntl(fd, Libc.F_SETLEASE, kind) < 0 ? Libc.LastError : Errno.None;
}
