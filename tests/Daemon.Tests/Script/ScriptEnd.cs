using System.Text;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>How a run of the script ended.</summary>
/// <param name="Exit">0 fine, 1 failed, 2 bad usage or configuration.</param>
/// <param name="Output">Standard output, bytes.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record ScriptEnd(int Exit, byte[] Output, string Errors)
{
    public string Text => Encoding.UTF8.GetString(Output);
}
