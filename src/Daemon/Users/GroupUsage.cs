using MaildirQuotaWatcher.Quota;
using Serilog;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// What the mailboxes of each group hold together, by their real use: a domain, or whatever a quota root's template
/// makes one text of. Any thread.
/// </summary>
/// <remarks>
/// The sum is of what each mailbox reported last, so a mailbox that is gone, or belongs to another group now, leaves
/// nothing behind. Nothing is told before <see cref="Begin"/>: a sum of half the mailboxes crosses lines that nobody
/// crossed. The limit of a group comes with its members, who may be told of a new one an hour apart, or be given
/// different ones: the largest that any of them has now holds, so it moves once, whoever gets mail meanwhile.
/// </remarks>
/// <param name="changed">Told of a group, what it holds, and what applies to it.</param>
internal sealed class GroupUsage(Action<string, Usage, UserRoot> changed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Sum> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Member> _mailboxes = [];
    private bool _begun;

    /// <summary>Every mailbox has been counted once: tells each group, and from now on each change.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _begun = true;
            foreach (var group in _groups.Values)
                Tell(group);
        }
    }

    /// <summary>A mailbox holds this now.</summary>
    /// <param name="mailbox">Its id while it is followed.</param>
    /// <param name="group">The group it belongs to.</param>
    /// <param name="usage">Its usage.</param>
    /// <param name="root">What applies to the group, as this mailbox's user has it; null when that cannot be
    /// read.</param>
    public void Accept(int mailbox, string group, Usage usage, UserRoot? root)
    {
        lock (_lock)
        {
            if (_mailboxes.TryGetValue(mailbox, out var before))
            {
                if (before.Group.Name == group && before.Usage == usage
                    && (root is null ? before.Terms is null : before.Terms?.Says(root) is true))
                    return;
                before.Group.Add(before, -1);
                if (before.Group.Name != group)
                    Tell(before.Group);
            }

            if (!_groups.TryGetValue(group, out var now))
                _groups.Add(group, now = new Sum(group));
            var member = new Member(now, usage, root is null ? null : now.TermsOf(root));
            now.Add(member, 1);
            _mailboxes[mailbox] = member;
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
            last.Group.Add(last, -1);
            Tell(last.Group);
        }
    }

    /// <summary>What a group holds, zero when none of its mailboxes has been counted; and the limit it is judged by.
    /// </summary>
    public (Usage Usage, QuotaLimit? Limit) Of(string group)
    {
        lock (_lock)
            return _groups.TryGetValue(group, out var sum) ? (sum.Usage, sum.Applies()?.Limit) : (Usage.Zero, null);
    }

    private void Tell(Sum group)
    {
        if (_begun && group.Applies() is { } root)
            changed(group.Name, group.Usage, root);
        if (group.Mailboxes == 0)
            _groups.Remove(group.Name);
    }

    private readonly record struct Member(Sum Group, Usage Usage, Terms? Terms);

    /// <summary>A limit and warnings of a group, and how many of its mailboxes have them.</summary>
    private sealed class Terms(UserRoot root)
    {
        public UserRoot Root => root;

        public int Mailboxes { get; set; }

        /// <summary>Larger for more; 0 is unlimited. The warnings decide between equals.</summary>
        public (ulong, ulong, string) Rank { get; } = (
            (ulong)root.Limit.Bytes - 1, (ulong)root.Limit.Messages - 1, string.Join('\n', root.Warnings));

        public bool Says(UserRoot other) => ReferenceEquals(root, other)
            || (root.Limit == other.Limit
                && root.Warnings.Select(rule => rule.ToString()).SequenceEqual(
                    other.Warnings.Select(rule => rule.ToString())));
    }

    /// <summary>One group. Mailboxes may each hold 2^63-1 bytes, so the sum is wider.</summary>
    private sealed class Sum(string name)
    {
        private readonly List<Terms> _terms = [];
        private Int128 _bytes;
        private Int128 _messages;
        private UserRoot? _last;
        private bool _isSaid;

        public string Name => name;

        public int Mailboxes { get; private set; }

        public Usage Usage =>
            new((long)Int128.Min(_bytes, long.MaxValue), (long)Int128.Min(_messages, long.MaxValue));

        /// <summary>The terms that say the same as a root.</summary>
        public Terms TermsOf(UserRoot root)
        {
            if (_terms.Find(known => known.Says(root)) is { } known)
                return known;
            var terms = new Terms(root);
            _terms.Add(terms);
            return terms;
        }

        public void Add(Member member, int sign)
        {
            _bytes += (Int128)member.Usage.Bytes * sign;
            _messages += (Int128)member.Usage.Messages * sign;
            Mailboxes += sign;
            if (member.Terms is { } terms)
                terms.Mailboxes += sign;
        }

        /// <summary>What applies to the group; what applied last when its last mailbox is gone; null when nobody knows.
        /// </summary>
        public UserRoot? Applies()
        {
            _terms.RemoveAll(terms => terms.Mailboxes == 0);
            if (_terms.Count > 1 && !_isSaid)
                Log.Information(
                    "{Group}: its mailboxes have different limits or warnings for it, the largest limit holds until "
                    + "they agree: soon, if they are being told of new ones", name);
            _isSaid = _terms.Count > 1;
            return _last = _terms.MaxBy(terms => terms.Rank)?.Root ?? _last;
        }
    }
}
