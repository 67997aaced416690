using System.Diagnostics;
using System.Text;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>One run of a real program: no shell, its own environment, a time limit, and what it said.</summary>
internal sealed record Command(string Program, params string[] Arguments)
{
    private static readonly IReadOnlySet<int> OnlyZero = new HashSet<int> { 0 };

    /// <summary>Written to the program's standard input through a pipe; null closes it at once.</summary>
    public byte[]? Input { get; init; }

    /// <summary>A regular file as standard input: deliverquota works in another order then.</summary>
    public string? InputFile { get; init; }

    /// <summary>The whole environment besides PATH.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Null stays the user of the tests (root).</summary>
    public MailUser? User { get; init; }

    public string? Directory { get; init; }

    /// <summary>For what hangs: a slow machine may take a minute to make a database.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(5);

    public IReadOnlySet<int> ExpectedExits { get; init; } = OnlyZero;

    /// <summary>Runs to the end.</summary>
    /// <exception cref="CommandFailedException">Another exit code than expected, or the time limit.</exception>
    public CommandOutput Run()
    {
        using var process = Process.Start(StartInfo())!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        WriteInput(process);
        var inTime = process.WaitForExit(Limit);
        if (!inTime)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        var result = new CommandOutput(process.ExitCode, output.Result, errors.Result);
        if (!inTime)
            throw new CommandFailedException($"still running after {Limit.TotalSeconds} s", this, result);
        if (!ExpectedExits.Contains(result.Exit))
            throw new CommandFailedException($"exit code {result.Exit}", this, result);
        return result;
    }

    /// <summary>Full command line, for messages only.</summary>
    public override string ToString() => string.Join(' ', Line());

    private ProcessStartInfo StartInfo()
    {
        var line = Line().ToArray();
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
            StandardErrorEncoding = Encoding.Latin1,
            WorkingDirectory = Directory ?? Path.GetTempPath(),
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        foreach (var (name, text) in Environment)
            start.Environment[name] = text;
        return start;
    }

    private IEnumerable<string> Line()
    {
        string[] fromFile = InputFile is null ? [] : ["sh", "-c", "f=$1; shift; exec \"$@\" < \"$f\"", "sh", InputFile];
        return [.. User?.Prefix ?? [], .. fromFile, Program, .. Arguments];
    }

    private void WriteInput(Process process)
    {
        try
        {
            if (Input is not null)
                process.StandardInput.BaseStream.Write(Input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program that ended without reading says why by its exit code.
        }
    }
}
