using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>struct statfs, 120 bytes on x64 and arm64; only what is used has a name.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct StatFsBuffer
{
    [FieldOffset(0)]
    public long Type;
}
