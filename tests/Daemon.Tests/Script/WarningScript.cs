using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Messages;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>
/// A copy of <c>packaging/bin/quota-warning</c> with its templates, a configuration and a mailbox, all in a scratch
/// directory. The mailbox belongs to nobody when the tests run as root, else to the account that runs them.
/// </summary>
internal sealed class WarningScript : IDisposable
{
    private const uint Nobody = 65534;
    private readonly ScratchDirectory _scratch = new();
    private readonly List<string> _settings;

    public WarningScript()
    {
        File.SetUnixFileMode(Location, (UnixFileMode)0b111_101_101);
        File.Copy(RepositoryRoot.Combine("packaging", "bin", "quota-warning"), Path.Combine(Location, "quota-warning"));
        Directory.CreateDirectory(Templates);
        foreach (var template in Directory.GetFiles(RepositoryRoot.Combine("packaging", "etc", "quota-warning")))
            File.Copy(template, Path.Combine(Templates, Path.GetFileName(template)));
        foreach (var part in (string[])["", "/cur", "/new", "/tmp"])
            Own(Directory.CreateDirectory(Mailbox + part).FullName);
        File.SetUnixFileMode(Mailbox, (UnixFileMode)0b111_000_000);
        _settings = [$"templates = {Templates}", $"spool = {Spool}", $"sendmail = {Sendmail}", "domain = example.org"];
        Program("sendmail", "printf '[%s]' \"$@\" >> $OUT/sent.args; echo >> $OUT/sent.args; cat >> $OUT/sent.mail");
    }

    /// <summary>What the daemon would say of a mailbox at 91 %, most of it in the Trash.</summary>
    public Dictionary<string, string> Facts { get; } = new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["LANG"] = "C.UTF-8",
        ["HOME"] = "/",
        ["SOURCE_DATE_EPOCH"] = "1795305600",
        ["MQW_USER"] = "rj@example.org",
        ["MQW_RESOURCE"] = "storage",
        ["MQW_THRESHOLD"] = "80",
        ["MQW_DIRECTION"] = "over",
        ["MQW_PERCENT"] = "91",
        ["MQW_USAGE_BYTES"] = "4885998239",
        ["MQW_LIMIT_BYTES"] = "5368709120",
        ["MQW_USAGE_MESSAGES"] = "4321",
        ["MQW_LIMIT_MESSAGES"] = "0",
        ["MQW_WARNING_ID"] = "w1",
        ["MQW_ROOT"] = "",
        ["MQW_LARGEST"] = "4509715660\t3000\tTrash\n300000000\t1\tArchive/Entwürfe\n1024\t2\tINBOX",
    };

    public string Location => _scratch.FullName;

    public string Mailbox => Path.Combine(Location, "Maildir");

    public string Templates => Path.Combine(Location, "templates");

    public string Spool => Path.Combine(Location, "spool");

    /// <summary>Writes its arguments to <c>sent.args</c> and what it reads to <c>sent.mail</c>.</summary>
    public string Sendmail => Path.Combine(Location, "sendmail");

    public string Configuration => Path.Combine(Location, "quota-warning.conf");

    /// <summary>File names in <c>new</c>.</summary>
    public string[] New => [.. Directory.GetFiles(Path.Combine(Mailbox, "new")).Select(path => Path.GetFileName(path))];

    /// <summary>Further lines of the configuration.</summary>
    public void Set(params string[] lines) => _settings.AddRange(lines);

    /// <summary>Runs the script under dash with <see cref="Facts"/> as its whole environment.</summary>
    public ScriptEnd Run(params string[] words) => Start(
        "/bin/dash", [Path.Combine(Location, "quota-warning"), .. Config(), .. words]);

    /// <summary>Runs it with the configuration of the last run, for many at once.</summary>
    public ScriptEnd RunAgain() =>
        Start("/bin/dash", [Path.Combine(Location, "quota-warning"), "--config", Configuration]);

    /// <summary>Runs it after a line of shell, for variables that .NET cannot pass because they are not UTF-8.</summary>
    public ScriptEnd RunAfter(string shell, params string[] words)
    {
        string[] script = [Path.Combine(Location, "quota-warning"), .. Config(), .. words];
        return Start("/bin/dash", ["-c", shell + "\nexec /bin/dash \"$@\"", "sh", .. script]);
    }

    /// <summary>The message of <c>--print</c>.</summary>
    public MailText Print(params string[] words)
    {
        var end = Run(["--print", .. words]);
        Assert.True(end.Exit == 0 && end.Errors.Length == 0, $"exit {end.Exit}: {end.Errors}");
        return new MailText(end.Output);
    }

    /// <summary>Delivers straight into the mailbox, which must then hold one message in new.</summary>
    public MailText Delivered()
    {
        Set("deliver = maildir");
        Facts["MQW_MAILBOX"] = Mailbox;
        var end = Run();
        Assert.True(end.Exit == 0, end.Errors);
        return new MailText(File.ReadAllBytes(Path.Combine(Mailbox, "new", Assert.Single(New))));
    }

    public string[] Read(string name)
    {
        var path = Path.Combine(Location, name);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }

    /// <summary>Makes a program; <c>$OUT</c> in its text is the scratch directory.</summary>
    public string Program(string name, string body)
    {
        var path = Path.Combine(Location, name);
        File.WriteAllText(path, $"#!/bin/sh\nOUT='{Location}'\n{body}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    /// <summary>Gives a path to the owner of the mailbox.</summary>
    public static void Own(string path)
    {
        if (ProcessIdentity.EffectiveUid == 0)
            Assert.Equal(0, Syscall.lchown(path, Nobody, Nobody));
    }

    public void Dispose() => _scratch.Dispose();

    private string[] Config()
    {
        File.WriteAllLines(Configuration, _settings);
        return ["--config", Configuration];
    }

    private ScriptEnd Start(string program, IEnumerable<string> words)
    {
        var start = new ProcessStartInfo(program, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in Facts)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return new ScriptEnd(process.ExitCode, output.ToArray(), errors.Result);
    }
}
