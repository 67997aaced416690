namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// The write lease of fcntl(2): granted only while no other descriptor for the file exists anywhere on this machine;
/// while it is held, another open(2) waits (with O_NONBLOCK it fails with EWOULDBLOCK). Hold it for microseconds.
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
