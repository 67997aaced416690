using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary><c>struct pollfd</c> of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Number;
    public short Wanted;
    public short Ready;
}
