using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary><c>struct open_how</c> of openat2(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    public const ulong RESOLVE_NO_SYMLINKS = 0x04;
    public const ulong RESOLVE_BENEATH = 0x08;

    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}
