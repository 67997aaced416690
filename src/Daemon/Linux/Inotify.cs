using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// One inotify(7) instance: one thread waits and reads; any thread adds, removes, fences and wakes. Dispose when the
/// reader has ended.
/// </summary>
/// <remarks>
/// <para><b>Implementation notes.</b> Events are lost only by overflow: one IN_Q_OVERFLOW (wd -1) stands in the queue
/// where they are missing. The kernel adds records to the queue inside the call that causes them and keeps their
/// order.</para>
/// <para>A fence uses that: removing a watch puts IN_IGNORED for it into the queue before inotify_rm_watch returns,
/// behind everything that happened before. The watch is on a private memfd, kept ready from fence to fence, so that a
/// fence can be had even when max_user_watches is used up. Numbers of watches are not used again until 2^31 are spent.
/// A fence that meets a full queue is dropped like any record: <b>who reads IN_Q_OVERFLOW must take every open fence
/// as passed</b>, with events lost.</para>
/// </remarks>
internal sealed unsafe class Inotify : IWatchSource
{
    private readonly Descriptor _queue;
    private readonly WakeablePoll _poll;
    private readonly Descriptor _fenced;
    private readonly Lock _fencing = new();
    private int _readyFence = -1;

    private Inotify(Descriptor queue, WakeablePoll poll, Descriptor fenced) =>
        (_queue, _poll, _fenced) = (queue, poll, fenced);

    public string Name => "inotify";

    /// <summary>Makes an instance; EMFILE: max_user_instances or the process's descriptors are used up.</summary>
    public static Inotify? Create(out Errno errno)
    {
        var queue = new Descriptor(Checked(Libc.inotify_init1(Libc.IN_CLOEXEC | Libc.IN_NONBLOCK), out errno));
        var poll = errno.IsOk ? WakeablePoll.Create(out errno) : null;
        var fenced = errno.IsOk ? new Descriptor(MemoryFile(out errno)) : null;
        if (errno.IsOk)
        {
            var inotify = new Inotify(queue, poll!, fenced!);
            inotify._readyFence = inotify.AddOpenFile(fenced!.Number, IN_MODIFY, out _);
            return inotify;
        }

        queue.Dispose();
        poll?.Dispose();
        fenced?.Dispose();
        return null;
    }

    /// <summary>Watches the open directory itself, whatever its path is by now. It may be closed afterwards.</summary>
    /// <returns>The watch, the one it already has if any; -1: ENOSPC when max_user_watches is used up.</returns>
    public int AddWatch(int directoryFd, uint mask, out Errno errno)
    {
        if (!OwnDirectory.Enter(directoryFd))
            return AddOpenFile(directoryFd, mask, out errno);
        fixed (byte* here = ".\0"u8)
        {
            var wd = Checked(Libc.inotify_add_watch(_queue.Number, here, mask), out errno);
            OwnDirectory.Leave();
            return wd;
        }
    }

    /// <summary>Watches what the path names now.</summary>
    public int AddWatch(BytePath path, uint mask, out Errno errno)
    {
        fixed (byte* start = path)
            return Checked(Libc.inotify_add_watch(_queue.Number, start, mask), out errno);
    }

    /// <summary>Ends a watch; its IN_IGNORED follows in the queue. EINVAL: it has ended already.</summary>
    public Errno RemoveWatch(int wd)
    {
        Checked(Libc.inotify_rm_watch(_queue.Number, wd), out var errno);
        return errno;
    }

    /// <summary>Reads whole records, see <see cref="InotifyRecords"/>. Never waits: -1 and EAGAIN for none.</summary>
    /// <param name="buffer">At least 272 bytes, room for one record with the longest name (else EINVAL).</param>
    /// <param name="errno">Why -1.</param>
    public int Read(Span<byte> buffer, out Errno errno) => Files.Read(_queue.Number, buffer, out errno);

    /// <inheritdoc cref="IWatchSource.IsEmpty"/>
    public bool IsEmpty
    {
        get
        {
            int waiting;
            return Libc.ioctl(_queue.Number, Libc.FIONREAD, &waiting) == 0 && waiting == 0;
        }
    }

    /// <summary>Waits for records.</summary>
    /// <param name="timeoutMs">Milliseconds; -1 for ever, 0 to look only.</param>
    /// <returns>Ok: there are records. ECANCELED: <see cref="Wake"/> was called, maybe before; once per call or
    /// several together. ETIMEDOUT.</returns>
    public Errno Wait(int timeoutMs) => Wait(timeoutMs, -1, out _);

    /// <summary>The same; ends when there is the exceptional condition of another descriptor, too.</summary>
    /// <param name="timeoutMs">Milliseconds; -1 for ever, 0 to look only.</param>
    /// <param name="exceptional">That descriptor.</param>
    /// <param name="happened">Whether its condition was there.</param>
    public Errno Wait(int timeoutMs, int exceptional, out bool happened) =>
        _poll.Wait(_queue.Number, exceptional, timeoutMs, out happened);

    /// <summary>Ends the present <see cref="Wait"/>, or the next one if there is none.</summary>
    public void Wake() => _poll.Wake();

    /// <summary>
    /// Puts a mark into the queue behind everything that happened before this call. It is the IN_IGNORED record of the
    /// watch returned; a reader on another thread may meet it before this call returns.
    /// </summary>
    /// <returns>The watch that marks the place; -1 on failure.</returns>
    public int Fence(out Errno errno)
    {
        lock (_fencing)
        {
            errno = Errno.None;
            var fence = _readyFence >= 0 ? _readyFence : AddOpenFile(_fenced.Number, IN_MODIFY, out errno);
            if (fence < 0)
                return -1;

            errno = RemoveWatch(fence);
            _readyFence = AddOpenFile(_fenced.Number, IN_MODIFY, out _);
            return errno.IsOk ? fence : -1;
        }
    }

    public void Dispose()
    {
        _queue.Dispose();
        _poll.Dispose();
        _fenced.Dispose();
    }

    private int AddOpenFile(int fd, uint mask, out Errno errno)
    {
        var path = stackalloc byte[ProcFdPath.MaxLength];
        ProcFdPath.Format(fd, new Span<byte>(path, ProcFdPath.MaxLength));
        return Checked(Libc.inotify_add_watch(_queue.Number, path, mask), out errno);
    }

    /// <summary>A file in memory. Kernels before 6.3 do not know MFD_NOEXEC_SEAL, later ones may insist.</summary>
    private static int MemoryFile(out Errno errno)
    {
        fixed (byte* name = "fence\0"u8)
        {
            var fd = Checked(Libc.memfd_create(name, Libc.MFD_CLOEXEC | Libc.MFD_NOEXEC_SEAL), out errno);
            return errno == Errno.EINVAL ? Checked(Libc.memfd_create(name, Libc.MFD_CLOEXEC), out errno) : fd;
        }
    }

    private static int Checked(int result, out Errno errno)
    {
        errno = result < 0 ? Libc.LastError : Errno.None;
        return result;
    }
}
