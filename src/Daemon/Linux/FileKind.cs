namespace MaildirQuotaWatcher.Linux;

/// <summary>What an inode is, as far as it is told apart here.</summary>
internal enum FileKind
{
    Other,
    Regular,
    Directory,
    SymbolicLink,
    Fifo,
}
