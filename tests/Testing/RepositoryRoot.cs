namespace MaildirQuotaWatcher.Testing;

/// <summary>Where the sources lie, found from the running test upwards by the solution file.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>A path below the repository's root.</summary>
    public static string Combine(params string[] parts) => Path.Combine([Found.Value, .. parts]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "MaildirQuotaWatcher.sln")))
                return at.FullName;
        throw new DirectoryNotFoundException($"No MaildirQuotaWatcher.sln above {AppContext.BaseDirectory}");
    }
}
