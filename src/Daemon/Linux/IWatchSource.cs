namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// A queue of the kernel that tells what happens in directories: <see cref="Inotify"/> or <see cref="Fanotify"/>. One
/// thread waits and reads; any thread adds, removes, fences and wakes. Dispose when the reader has ended.
/// </summary>
internal interface IWatchSource : IDisposable
{
    /// <summary>What it is called, for people.</summary>
    string Name { get; }

    /// <summary>Watches the open directory itself, whatever its path is by now. It may be closed afterwards.</summary>
    /// <returns>The watch, 0 or above, the one it already has if any; -1 on failure.</returns>
    int AddWatch(int directoryFd, uint mask, out Errno errno);

    /// <summary>Ends a watch.</summary>
    Errno RemoveWatch(int wd);

    /// <summary>Puts a mark into the queue behind everything that happened before this call: IN_IGNORED of the watch
    /// returned. A reader on another thread may meet it before this call returns.</summary>
    /// <returns>The watch that marks the place; -1 on failure.</returns>
    int Fence(out Errno errno);

    /// <summary>Reads whole records, see <see cref="InotifyRecords"/>. Never waits: -1 and EAGAIN for none; 0 when what
    /// was read concerned no watch.</summary>
    int Read(Span<byte> buffer, out Errno errno);

    /// <summary>True when nothing waits to be read; false when there is, or when that cannot be told.</summary>
    bool IsEmpty { get; }

    /// <summary>Waits for records.</summary>
    /// <param name="timeoutMs">Milliseconds; -1 for ever, 0 to look only.</param>
    /// <returns>Ok: there are records. ECANCELED: <see cref="Wake"/> was called, maybe before. ETIMEDOUT.</returns>
    Errno Wait(int timeoutMs);

    /// <summary>Ends the present <see cref="Wait"/>, or the next one if there is none.</summary>
    void Wake();
}
