using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Folder names as administrators write them. Virtual names have <c>/</c> between levels and never a dot
/// (<see cref="FolderText"/>), so a dot can only mean a Dovecot with <c>separator = .</c>, or Courier: it is read as
/// <c>/</c>. Pure.
/// </summary>
internal static class MaskText
{
    /// <param name="text">The whole setting, of which columns are told.</param>
    /// <param name="at">Where the name begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="notes">Gets what may surprise.</param>
    /// <param name="name">The name.</param>
    /// <param name="error">As <see cref="Fault"/> writes it.</param>
    public static bool TryRead(
        string text, int at, int end, List<string> notes, out string name, [NotNullWhen(false)] out string? error)
    {
        var written = text[at..end];
        name = written.Replace('.', '/');
        if (written.StartsWith('.'))
        {
            return Fault.At(at, $"folder names have no leading dot: {written}", $"write {name.TrimStart('/')}",
                out error);
        }
        if (name != written)
            notes.Add(Fault.Text(at, $"{written} is read as {name}", "folder levels are written with '/'"));
        if (name.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase))
        {
            var inside = name["INBOX/".Length..];
            notes.Add(Fault.Text(at, $"{name} is the directory .{name.Replace('/', '.')}",
                $"for .{inside.Replace('/', '.')} write {inside}"));
        }

        error = null;
        return true;
    }
}
