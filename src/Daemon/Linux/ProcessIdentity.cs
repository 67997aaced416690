using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Linux;

/// <summary>Whom the kernel takes this process for.</summary>
internal static class ProcessIdentity
{
    public static uint EffectiveUid => (uint)Syscall.geteuid();
}
