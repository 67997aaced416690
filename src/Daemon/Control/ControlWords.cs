namespace MaildirQuotaWatcher.Control;

/// <summary>What commands may ask of the running service: the first word of a request.</summary>
internal static class ControlWords
{
    /// <summary>Asks the sources of limits again, for the users that follow or for everybody; sentences come
    /// back.</summary>
    public const string Refresh = "refresh";

    /// <summary>The same, and files are taken as they are, even if they look like an accident.</summary>
    public const string ForcedRefresh = "refresh --force";

    /// <summary>What the group <c>root, name</c> holds, and its limit: bytes, messages, bytes, messages between blanks,
    /// the last two empty when nobody is there; <c>unknown</c> before it is known.</summary>
    public const string Group = "group";

    /// <summary>What the sources said of one user: a <see cref="FieldsReport"/> in JSON.</summary>
    public const string Fields = "fields";

    /// <summary>How it is doing: a <see cref="StatusReport"/> in JSON.</summary>
    public const string Status = "status";
}
