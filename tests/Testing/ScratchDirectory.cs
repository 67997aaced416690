using System.Diagnostics;

namespace MaildirQuotaWatcher.Testing;

/// <summary>
/// An empty directory for one test, gone with all it holds afterwards. <c>rm</c> empties it, since .NET cannot delete
/// names that are not UTF-8.
/// </summary>
public sealed class ScratchDirectory : IDisposable
{
    /// <summary>Absolute, without a slash at the end.</summary>
    public string FullName { get; } = Directory.CreateTempSubdirectory("mqw-test-").FullName;

    public void Dispose()
    {
        using var rm = Process.Start("rm", ["-rf", "--", FullName]);
        rm.WaitForExit();
    }
}
