using Microsoft.Win32.SafeHandles;

namespace MaildirQuotaWatcher.Linux;

/// <summary>Owns an open file descriptor; Dispose closes it, and so does the collector if that was forgotten.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes over <paramref name="number"/>; -1 makes an invalid descriptor.</summary>
    public Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number for the raw calls; use it only while this object is alive and not disposed.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => Files.Close((int)handle).IsOk;
}
