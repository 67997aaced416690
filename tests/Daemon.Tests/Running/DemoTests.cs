namespace MaildirQuotaWatcher.Daemon.Tests.Running;

public sealed class DemoTests
{
    [Fact]
    public void Demo_Piped_EndsWithLedgerEqualToTruth_InPlainLines()
    {
        using var demo = new Binary(new Dictionary<string, string>(), "demo", "--seconds", "5");

        Assert.True(demo.End() == 0, demo.Describe());

        var lines = demo.Lines.Where(line => line.Length > 0).ToArray();
        Assert.Contains(lines[^4..], line => line.StartsWith("ledger = truth", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains('\u001b', StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("appended the line \"24000 1\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("mail to", StringComparison.Ordinal));
    }
}
