using System.Globalization;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// One fanotify(7) group (kernel 5.17): marks whole file systems, so that no limit bounds the directories and nothing
/// of theirs stays in the kernel's memory. Tells what <see cref="Inotify"/> tells, in the same records.
/// </summary>
/// <remarks>
/// <para><b>Implementation notes.</b> A mark tells of every change in a file system by directory handle and name; what
/// is not in the table of handles is dropped. Because the table is asked when an event is read, records may come of
/// what happened in a directory just before it was watched.</para>
/// <para>Order between names and directories is kept, that of one name may be lost: see
/// <see cref="FanotifyTranslator"/>. Merging moves what came later to an earlier place, never the other way, so a fence
/// holds: it is a rename inside a directory of our own (<see cref="FenceDirectory"/>), to a name that was never used,
/// and therefore a record of its own at the end of the queue.</para>
/// <para>An unmounted file system says nothing. The table of mounts tells that some mount changed; marks that are no
/// longer there then end all watches of their file system, with IN_UNMOUNT and IN_IGNORED.</para>
/// <para>The queue has no limit where that is permitted, which is where file systems can be marked.</para>
/// </remarks>
internal sealed class Fanotify : IWatchSource
{
    /// <summary>Numbers from here on are fences; those below are places in the table.</summary>
    private const int FirstFence = 1 << 30;

    private const uint Told = IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
        | IN_DELETE_SELF | IN_MOVE_SELF;

    private readonly Lock _lock = new();
    private readonly Lock _fencing = new();
    private readonly HandleTable _table = new();
    private readonly Queue<int> _ended = new();
    private readonly FanotifyTranslator _translator;
    private readonly FileSystemMarks _marks;
    private readonly Descriptor _queue;
    private readonly Descriptor _mounts;
    private readonly WakeablePoll _poll;
    private readonly FenceDirectory _fences;
    private byte[] _events = [];
    private int _lastFence;

    private Fanotify(Descriptor queue, Descriptor mounts, WakeablePoll poll, FenceDirectory fences)
    {
        (_queue, _mounts, _poll, _fences) = (queue, mounts, poll, fences);
        _marks = new FileSystemMarks(queue);
        _translator = new FanotifyTranslator(_table, _marks.NumberOf);
    }

    public string Name => "fanotify";

    /// <summary>Makes a group.</summary>
    /// <param name="problem">Why there is none, and what to do about it.</param>
    public static Fanotify? Create(out string? problem)
    {
        var queue = new Descriptor(Libc.fanotify_init(
            Libc.FAN_CLASS_NOTIF | Libc.FAN_REPORT_DFID_NAME | Libc.FAN_CLOEXEC | Libc.FAN_NONBLOCK
            | Libc.FAN_UNLIMITED_QUEUE, 0));
        var errno = queue.IsInvalid ? Libc.LastError : Errno.None;
        problem = errno.IsError ? FanotifyObstacle.OfGroup("fanotify_init", errno) : null;
        var fences = errno.IsOk ? FenceDirectory.Create(out errno) : null;
        if (errno.IsError)
            problem ??= FanotifyObstacle.OfGroup("fsopen", errno);
        var poll = errno.IsOk ? WakeablePoll.Create(out errno) : null;
        var mounts = new Descriptor(errno.IsOk
            ? Files.Open(BytePath.FromString(MountInfo.Path), OpenFlags.O_RDONLY, 0, out errno) : -1);
        if (errno.IsOk)
        {
            var fanotify = new Fanotify(queue, mounts, poll!, fences!);
            errno = fanotify.WatchFences();
            if (errno.IsOk)
                return fanotify;
        }

        problem ??= FanotifyObstacle.OfGroup("fanotify_mark", errno);
        queue.Dispose();
        mounts.Dispose();
        poll?.Dispose();
        fences?.Dispose();
        return null;
    }

    /// <summary>Marks the file system of an open directory if it is not yet; see <see cref="FanotifyObstacle"/> for
    /// what its failure means.</summary>
    public Errno Mark(int directoryFd)
    {
        if (Identify(directoryFd, out var id, out var device) is { IsError: true } failed)
            return failed;
        lock (_lock)
        {
            _marks.Add(directoryFd, id, device, out var errno);
            return errno;
        }
    }

    /// <inheritdoc/>
    public int AddWatch(int directoryFd, uint mask, out Errno errno)
    {
        errno = Identify(directoryFd, out var id, out var device);
        if (errno.IsError)
            return -1;
        Span<byte> bytes = stackalloc byte[Files.MaxHandleLength];
        var length = Files.HandleOf(directoryFd, bytes, out var type, out _, out errno);
        if (errno.IsError)
            return -1;
        lock (_lock)
        {
            var fileSystem = _marks.Add(directoryFd, id, device, out errno);
            if (errno.IsError)
                return -1;
            if (!FileHandle.TryCreate(fileSystem, type, bytes[..length], out var handle))
            {
                errno = Errno.EOVERFLOW;
                return -1;
            }

            var wanted = mask & Told;
            if ((mask & IN_MASK_ADD) != 0 && _table.Find(handle) is >= 0 and var known)
                wanted |= _table.MaskOf(known);
            return _table.Set(handle, wanted);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Nothing follows in the queue. EINVAL: it has ended already.</remarks>
    public Errno RemoveWatch(int wd)
    {
        lock (_lock)
            return wd != _translator.FenceDirectory && _table.Remove(wd) ? Errno.None : Errno.EINVAL;
    }

    /// <inheritdoc/>
    public int Fence(out Errno errno)
    {
        lock (_fencing)
        {
            _lastFence = (_lastFence + 1) & (FirstFence - 1);
            errno = _fences.Rename(FirstFence + _lastFence);
            return errno.IsOk ? FirstFence + _lastFence : -1;
        }
    }

    /// <summary>The fence that a name in the fence directory is; -1 for another one.</summary>
    public static int FenceOf(ReadOnlySpan<byte> name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var fence) ? fence : -1;

    /// <inheritdoc/>
    /// <param name="buffer">At least 4 KB.</param>
    /// <param name="errno">Why -1.</param>
    public int Read(Span<byte> buffer, out Errno errno)
    {
        lock (_lock)
        {
            errno = Errno.None;
            if (_ended.Count > 0)
                return WriteEnded(buffer);
            // All records of the last reading have been dealt with: the reader is one thread.
            _table.Reuse();
        }

        if (_events.Length != buffer.Length / FanotifyTranslator.Expansion)
            _events = GC.AllocateUninitializedArray<byte>(buffer.Length / FanotifyTranslator.Expansion, pinned: true);
        var length = Files.Read(_queue.Number, _events, out errno);
        lock (_lock)
        {
            if (errno == Errno.EAGAIN)
                _translator.QueueIsEmpty();
            return length <= 0 ? length : _translator.Translate(_events.AsSpan(0, length), buffer);
        }
    }

    /// <summary>Not told: records wait in the translator too.</summary>
    public bool IsEmpty => false;

    /// <inheritdoc/>
    public Errno Wait(int timeoutMs)
    {
        var errno = _poll.Wait(_queue.Number, _mounts.Number, timeoutMs, out var mountsChanged);
        if (mountsChanged)
            EndUnmounted();
        return errno;
    }

    public void Wake() => _poll.Wake();

    public void Dispose()
    {
        _queue.Dispose();
        _mounts.Dispose();
        _poll.Dispose();
        _fences.Dispose();
    }

    private static Errno Identify(int directoryFd, out ulong id, out ulong device)
    {
        id = 0;
        var errno = Files.FStat(directoryFd, out var file);
        device = file.Device;
        return errno.IsError ? errno
            : file.Kind != FileKind.Directory ? Errno.ENOTDIR
            : Files.FileSystemId(directoryFd, out id);
    }

    private Errno WatchFences()
    {
        Span<byte> bytes = stackalloc byte[Files.MaxHandleLength];
        var length = Files.HandleOf(_fences.Number, bytes, out var type, out _, out var errno);
        ulong id = 0;
        if (errno.IsOk)
            errno = Files.FileSystemId(_fences.Number, out id);
        var number = errno.IsOk ? _marks.AddDirectory(_fences.Number, id, out errno) : (byte)0;
        if (errno.IsOk && FileHandle.TryCreate(number, type, bytes[..length], out var handle))
            _translator.FenceDirectory = _table.Set(handle, 0);
        return errno;
    }

    private void EndUnmounted()
    {
        lock (_lock)
            foreach (var fileSystem in _marks.RemoveUnmounted())
                foreach (var watch in _table.RemoveAll(fileSystem))
                    _ended.Enqueue(watch);
    }

    private int WriteEnded(Span<byte> buffer)
    {
        var written = 0;
        while (buffer.Length - written >= 32 && _ended.TryDequeue(out var watch))
        {
            FanotifyTranslator.Write(buffer, ref written, watch, IN_UNMOUNT, default);
            FanotifyTranslator.Write(buffer, ref written, watch, IN_IGNORED, default);
        }

        return written;
    }
}
