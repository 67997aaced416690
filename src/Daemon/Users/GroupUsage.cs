using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// What the mailboxes of each group hold together, by their real use: a domain, or whatever a quota root's template
/// makes one text of. Any thread.
/// </summary>
/// <remarks>
/// The sum is of what each mailbox reported last, so a mailbox that is gone, or belongs to another group now, leaves
/// nothing behind. Nothing is told before <see cref="Begin"/>: a sum of half the mailboxes crosses lines that nobody
/// crossed.
/// </remarks>
/// <param name="changed">Told of a group, what it holds, and what applies to it by the mailbox that spoke last.</param>
internal sealed class GroupUsage(Action<string, Usage, UserRoot> changed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Sum> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (Sum Group, Usage Usage)> _mailboxes = [];
    private bool _begun;

    /// <summary>Every mailbox has been counted once: tells each group, and from now on each change.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _begun = true;
            foreach (var group in _groups.Values)
                changed(group.Name, group.Usage, group.Root);
        }
    }

    /// <summary>A mailbox holds this now.</summary>
    /// <param name="mailbox">Its id while it is followed.</param>
    /// <param name="group">The group it belongs to.</param>
    /// <param name="usage">Its usage.</param>
    /// <param name="root">What applies to the group, as this mailbox's user has it.</param>
    public void Accept(int mailbox, string group, Usage usage, UserRoot root)
    {
        lock (_lock)
        {
            if (_mailboxes.TryGetValue(mailbox, out var before))
            {
                if (before.Group.Name == group && before.Usage == usage && before.Group.Root == root)
                    return;
                before.Group.Add(before.Usage, -1);
                if (before.Group.Name != group)
                    Tell(before.Group);
            }

            if (!_groups.TryGetValue(group, out var now))
                _groups.Add(group, now = new Sum(group, root));
            now.Root = root;
            now.Add(usage, 1);
            _mailboxes[mailbox] = (now, usage);
            Tell(now);
        }
    }

    /// <summary>A mailbox is no longer followed.</summary>
    public void Forget(int mailbox)
    {
        lock (_lock)
        {
            if (!_mailboxes.Remove(mailbox, out var last))
                return;
            last.Group.Add(last.Usage, -1);
            Tell(last.Group);
        }
    }

    /// <summary>What a group holds; zero when none of its mailboxes has been counted.</summary>
    public Usage Of(string group)
    {
        lock (_lock)
            return _groups.TryGetValue(group, out var sum) ? sum.Usage : Usage.Zero;
    }

    private void Tell(Sum group)
    {
        if (_begun)
            changed(group.Name, group.Usage, group.Root);
        if (group.Mailboxes == 0)
            _groups.Remove(group.Name);
    }

    /// <summary>One group. Mailboxes may each hold 2^63-1 bytes, so the sum is wider.</summary>
    private sealed class Sum(string name, UserRoot root)
    {
        private Int128 _bytes;
        private Int128 _messages;

        public string Name => name;

        public UserRoot Root { get; set; } = root;

        public int Mailboxes { get; private set; }

        public Usage Usage =>
            new((long)Int128.Min(_bytes, long.MaxValue), (long)Int128.Min(_messages, long.MaxValue));

        public void Add(Usage usage, int sign)
        {
            _bytes += (Int128)usage.Bytes * sign;
            _messages += (Int128)usage.Messages * sign;
            Mailboxes += sign;
        }
    }
}
