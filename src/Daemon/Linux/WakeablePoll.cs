namespace MaildirQuotaWatcher.Linux;

/// <summary>Waits for a descriptor until another thread wakes it.</summary>
internal sealed unsafe class WakeablePoll : IDisposable
{
    private readonly Descriptor _wake;

    private WakeablePoll(Descriptor wake) => _wake = wake;

    public static WakeablePoll? Create(out Errno errno)
    {
        var fd = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        errno = fd < 0 ? Libc.LastError : Errno.None;
        return fd < 0 ? null : new WakeablePoll(new Descriptor(fd));
    }

    /// <summary>Waits until <paramref name="queue"/> can be read.</summary>
    /// <param name="queue">A descriptor.</param>
    /// <param name="exceptional">A descriptor whose exceptional condition ends the wait too; -1 for none.</param>
    /// <param name="timeoutMs">Milliseconds; -1 for ever, 0 to look only.</param>
    /// <param name="happened">Whether the exceptional condition was there.</param>
    /// <returns>Ok: queue or condition. ECANCELED: <see cref="Wake"/> was called, maybe before; once per call or
    /// several together. ETIMEDOUT.</returns>
    public Errno Wait(int queue, int exceptional, int timeoutMs, out bool happened)
    {
        var descriptors = stackalloc PollDescriptor[3];
        descriptors[0] = new PollDescriptor { Number = queue, Wanted = Libc.POLLIN };
        descriptors[1] = new PollDescriptor { Number = _wake.Number, Wanted = Libc.POLLIN };
        descriptors[2] = new PollDescriptor { Number = exceptional, Wanted = Libc.POLLPRI };
        var end = Environment.TickCount64 + timeoutMs;
        Errno errno;
        int ready;
        do
        {
            var remaining = timeoutMs < 0 ? -1 : (int)Math.Max(0, end - Environment.TickCount64);
            ready = Libc.poll(descriptors, 3, remaining);
            errno = ready < 0 ? Libc.LastError : Errno.None;
        }
        while (errno == Errno.EINTR);

        happened = ready > 0 && descriptors[2].Ready != 0;
        if (errno.IsError)
            return errno;
        if (ready == 0)
            return Errno.ETIMEDOUT;
        if (descriptors[1].Ready == 0)
            return Errno.None;

        Span<byte> counter = stackalloc byte[sizeof(ulong)];
        Files.Read(_wake.Number, counter, out _);
        return Errno.ECANCELED;
    }

    /// <summary>Ends the present <see cref="Wait"/>, or the next one if there is none. Once disposed it does nothing:
    /// who wakes may come late, and the number may be that of another file by then.</summary>
    public void Wake()
    {
        var held = false;
        try
        {
            _wake.DangerousAddRef(ref held);
            Files.Write(_wake.Number, BitConverter.GetBytes(1UL), out _);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
        finally
        {
            if (held)
                _wake.DangerousRelease();
        }
    }

    public void Dispose() => _wake.Dispose();
}
