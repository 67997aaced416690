using MaildirQuotaWatcher.Accounting;

namespace MaildirQuotaWatcher.Daemon.Tests.Accounting;

public sealed class PollPlanTests
{
    private const long Interval = 300_000;
    private const long Start = 1_000_000_007;

    [Fact]
    public void DueAt_NothingToPoll_IsNever()
    {
        var plan = new PollPlan<string>(Interval);
        Assert.Equal(long.MaxValue, plan.DueAt);
        Assert.False(plan.TryTake(long.MaxValue - Interval, out _));
        plan.Add("a", Start);
        Assert.NotEqual(long.MaxValue, plan.DueAt);
        plan.Remove("a");
        plan.Remove("a");
        Assert.Equal(long.MaxValue, plan.DueAt);
        Assert.Equal(0, plan.Count);
    }

    [Fact]
    public void TryTake_BeforeItsTime_HasNothing()
    {
        var plan = new PollPlan<string>(Interval);
        plan.Add("a", Start);
        var due = plan.DueAt;
        Assert.InRange(due, Start + 1, Start + Interval);
        Assert.False(plan.TryTake(due - 1, out _));
        Assert.True(plan.TryTake(due, out var mailbox));
        Assert.Equal("a", mailbox);
        Assert.False(plan.TryTake(due, out _));
        Assert.Equal(due + Interval, plan.DueAt);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(30_000)]
    public void TryTake_OverOneInterval_EachOnce_AndEvenlySpread(int mailboxes)
    {
        var plan = new PollPlan<object>(Interval);
        for (var i = 0; i < mailboxes; i++)
            plan.Add(new object(), Start + i % 3);

        var times = Take(plan, Start + 3, Start + 3 + Interval);
        Assert.Equal(mailboxes, times.Count);
        CheckSpread(times.Values.ToList());
    }

    [Fact]
    public void TryTake_EachMailbox_KeepsItsTime_WhoeverComesAndGoes()
    {
        var plan = new PollPlan<object>(Interval);
        var all = Enumerable.Range(0, 500).Select(_ => new object()).ToArray();
        foreach (var mailbox in all)
            plan.Add(mailbox, Start);
        var first = Take(plan, Start, Start + Interval);

        for (var i = 1; i < 500; i += 2)
            plan.Remove(all[i]);
        for (var i = 0; i < 100; i++)
            plan.Add(new object(), Start + Interval);
        plan.Add(all[0], Start + Interval);
        var second = Take(plan, Start + Interval, Start + 2 * Interval);

        Assert.Equal(350, second.Count);
        Assert.All(second.Where(p => first.ContainsKey(p.Key)), p => Assert.Equal(first[p.Key] + Interval, p.Value));
        Assert.Equal(250, second.Keys.Count(first.ContainsKey));
    }

    [Fact]
    public void TryTake_AfterALongPause_EachOnce_NotOnceForEachMissedTime()
    {
        var plan = new PollPlan<object>(Interval);
        for (var i = 0; i < 100; i++)
            plan.Add(new object(), Start);
        var late = Start + 50 * Interval;
        var taken = 0;
        while (plan.TryTake(late, out _))
            taken++;
        Assert.Equal(100, taken);
        Assert.InRange(plan.DueAt, late + 1, late + Interval);
        CheckSpread(Take(plan, late, late + Interval).Values.ToList());
    }

    [Fact]
    public void Add_AllRemovedAndAddedAgain_AreSpreadAsBefore()
    {
        var plan = new PollPlan<object>(Interval);
        for (var round = 0; round < 3; round++)
        {
            var all = Enumerable.Range(0, 1000).Select(_ => new object()).ToArray();
            foreach (var mailbox in all)
                plan.Add(mailbox, Start);
            foreach (var mailbox in all.Take(round == 1 ? 1000 : 600))
                plan.Remove(mailbox);
            foreach (var mailbox in all.Take(600))
                plan.Add(mailbox, Start);
            CheckSpread(Take(plan, Start, Start + Interval).Values.ToList());
            foreach (var mailbox in all)
                plan.Remove(mailbox);
        }
    }

    private static Dictionary<object, long> Take(PollPlan<object> plan, long after, long until)
    {
        var times = new Dictionary<object, long>(ReferenceEqualityComparer.Instance);
        while (plan.DueAt <= until)
        {
            var due = plan.DueAt;
            Assert.True(due > after);
            Assert.True(plan.TryTake(due, out var mailbox));
            times.Add(mailbox, due);
        }

        return times;
    }

    /// <summary>No gap is more than three times what it is when all lie evenly.</summary>
    private static void CheckSpread(List<long> times)
    {
        times.Sort();
        times.Add(times[0] + Interval);
        var even = (double)Interval / (times.Count - 1);
        for (var i = 1; i < times.Count; i++)
            Assert.True(times[i] - times[i - 1] <= 3 * even + 2, $"{times[i] - times[i - 1]} ms, {even:0} is even");
    }
}
