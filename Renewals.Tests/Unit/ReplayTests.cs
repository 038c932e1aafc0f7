using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>What was known of a membership at a moment, and why it was charged.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void As_of_the_day_before_the_charge_it_was_announced_and_not_yet_ordered()
    {
        var s = Ordered().Succeeds();

        var before = Replay.AsOf(s.Events, Shanghai(4, 9, 23));
        before.Events[^1].Should().BeOfType<RailNoticeAnswered>();
        (before.State!.PaidThrough, before.State.Notice!.Ordinal).Should().Be((1, 2));
        before.Duties.Should().ContainSingle(duty => duty.Kind == DutyKind.Charge);

        var after = Replay.AsOf(s.Events);
        (after.State!.PaidThrough, after.Events.Count).Should().Be((2, s.Events.Count));
    }

    [Fact]
    public void What_was_decided_at_the_moment_itself_is_included()
    {
        var s = Paid();
        var charged = s.Events.OfType<Charged>().Single();
        Replay.AsOf(s.Events, charged.At).State!.PaidThrough.Should().Be(1);
        Replay.AsOf(s.Events, charged.At - Duration.Epsilon).Events.Should().NotContain(charged);
    }

    [Fact]
    public void Before_it_was_there_nothing_is_known()
    {
        var nothing = Replay.AsOf(Paid().Events, Shanghai(3, 1, 0));
        (nothing.State, nothing.Events.Count, nothing.Duties.Count).Should().Be((null, 0, 0));
    }

    [Fact]
    public void Two_replays_of_the_same_events_are_equal_to_the_byte()
    {
        var s = Ordered().Succeeds();
        Core.Ledger.LedgerJson.WriteState(Replay.AsOf(s.Events).State!).Should().Equal(Core.Ledger.LedgerJson.WriteState(Replay.AsOf(s.Events).State!)).And.Equal(Core.Ledger.LedgerJson.WriteState(s.State));
    }
}
