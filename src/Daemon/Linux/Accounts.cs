using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Linux;

/// <summary>The users of the system, from every source of nsswitch.conf(5).</summary>
/// <remarks>May be slow (LDAP). Safe from any thread.</remarks>
internal static class Accounts
{
    /// <summary>getpwent(3) has one position for the whole process.</summary>
    private static readonly Lock Enumerating = new();

    /// <summary>Every user that can be enumerated; directory services may list none and still know names.</summary>
    public static IReadOnlyList<Account> All()
    {
        lock (Enumerating)
        {
            var accounts = new List<Account>();
            Syscall.setpwent();
            try
            {
                while (Syscall.getpwent() is { } entry)
                    accounts.Add(From(entry));
            }
            finally
            {
                Syscall.endpwent();
            }

            return accounts;
        }
    }

    /// <summary>The user of that name, or null.</summary>
    public static Account? Find(string name)
    {
        lock (Enumerating)
            return Syscall.getpwnam(name) is { } entry ? From(entry) : null;
    }

    private static Account From(Passwd entry) =>
        new(entry.pw_name, (uint)entry.pw_uid, (uint)entry.pw_gid, entry.pw_dir);
}
