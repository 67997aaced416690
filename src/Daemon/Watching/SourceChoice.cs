namespace MaildirQuotaWatcher.Watching;

/// <summary>Which queue of the kernel mailboxes are watched by.</summary>
internal enum SourceChoice
{
    /// <summary>inotify while the kernel has watches, then fanotify.</summary>
    Auto,

    Inotify,

    /// <summary>fanotify where it can be had, else inotify.</summary>
    Fanotify,
}
