namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// How the disk treats what one thread reads (ioprio_set(2)); where the disk's scheduler knows no classes (<c>none</c>)
/// it changes nothing. A new thread begins in the class of the one that started it.
/// </summary>
internal readonly record struct IoClass(int Value)
{
    /// <summary>Served when nobody else wants the disk.</summary>
    public static readonly IoClass Idle = new(3 << 13);

    private const nint IOPRIO_WHO_PROCESS = 1;

    /// <summary>That of the calling thread; 0 when it was never set and follows its nice value.</summary>
    public static unsafe IoClass OfThisThread =>
        new((int)Libc.syscall(Libc.SYS_ioprio_get, IOPRIO_WHO_PROCESS, null, 0, 0));

    /// <summary>Puts the calling thread into it.</summary>
    public unsafe Errno Enter() =>
        Libc.syscall(Libc.SYS_ioprio_set, IOPRIO_WHO_PROCESS, null, Value, 0) < 0 ? Libc.LastError : Errno.None;
}
