using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Unit.Scenario;

namespace Renewals.Tests.Unit;

/// <summary>What is said of a backlog is what then happens, at every kind of rail.</summary>
public class CatchUpPreviewTests
{
    private static readonly FuseLimits Limits = new();

    public static TheoryData<string, CatchUpPolicy> Cases
    {
        get
        {
            TheoryData<string, CatchUpPolicy> cases = [];
            foreach (var rail in Rails.Keys)
            {
                foreach (var policy in Enum.GetValues<CatchUpPolicy>())
                    cases.Add(rail, policy);
            }

            return cases;
        }
    }

    private static Dictionary<string, RailTraits> Rails => new()
    {
        ["pre-notice"] = PreNotice, ["looked-at"] = LookedAt, ["day-later"] = DayLater, ["own-dates"] = OwnDates, ["no-repeats"] = NoRepeats, ["several"] = Several,
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_preview_is_what_then_happens(string rail, CatchUpPolicy policy)
    {
        var s = Paid(Rails[rail], terms: Monthly with { CatchUp = policy }).At(Shanghai(6, 20, 9));
        CatchUpPreview.IsBehind(s.State, Limits, s.Now).Should().BeTrue();
        var preview = new CatchUpPreview(s.Context, Limits);
        preview.Run(s.State).Should().BeTrue();
        preview.Asks.Should().Be(policy == CatchUpPolicy.Ask);

        var known = s.Events.Count;
        List<(Instant, Money)> late = [];
        for (var steps = 0; CatchUpPreview.IsBehind(s.State, Limits, s.Now) && s.State.Parked is null; steps++)
        {
            steps.Should().BeLessThan(100);
            var before = s.State;
            s.At(Instant.Max(s.Now, s.Alarm!.Value)).Wakes();
            if (s.Last.OfType<Requested>().Any() && LateMoney.Of(before, Limits, s.Now) is { } money)
                late.Add((s.Now, money));
            foreach (var errand in s.Errands)
                CarryOut(s, errand);
        }

        late.Should().Equal(preview.Late);
        s.Events.Skip(known).OfType<PeriodsSkipped>().Should().Equal(preview.Skipped);
        (policy is CatchUpPolicy.CurrentPeriodOnly or CatchUpPolicy.OldestFirst).Should().Be(late.Count > 0);
    }

    [Theory]
    [InlineData(CatchUpPolicy.CurrentPeriodOnly, 1)]
    [InlineData(CatchUpPolicy.Forgive, 0)]
    [InlineData(CatchUpPolicy.Ask, 0)]
    [InlineData(CatchUpPolicy.OldestFirst, 3)]
    public void Late_is_what_goes_out_after_its_time(CatchUpPolicy policy, int charges)
    {
        var s = Paid(Several, terms: Monthly with { CatchUp = policy }).At(Shanghai(6, 20, 9));
        var preview = new CatchUpPreview(s.Context, Limits);
        preview.Run(s.State);
        preview.Late.Should().HaveCount(charges, "periods 2 and 3 are over and 4 runs since 10 June; 5 has not begun when its turn comes");
        preview.FirstNoticeAt.Should().Be(charges > 0 ? Shanghai(6, 20, 10) : null);
    }

    [Fact]
    public void Who_is_not_behind_is_not_looked_at()
    {
        CatchUpPreview.IsBehind(Ready().State, Limits, Shanghai(4, 11, 0)).Should().BeFalse("a day is borne");
        CatchUpPreview.IsBehind(Ready().State, Limits, Shanghai(4, 11, 0, 1)).Should().BeTrue();
        CatchUpPreview.IsBehind(Ready().Cancels().State, Limits, Shanghai(6, 20, 9)).Should().BeFalse();
        CatchUpPreview.IsBehind(Paid(terms: Monthly with { Renews = false }).State, Limits, Shanghai(6, 20, 9)).Should().BeFalse();
        CatchUpPreview.IsBehind(Enrolled().Signs().State, Limits, Shanghai(6, 20, 9)).Should().BeFalse("nothing was paid yet");
    }

    private static void CarryOut(Scenario s, Core.Subscriptions.Errand errand)
    {
        _ = errand switch
        {
            Core.Subscriptions.Errand.Tell => s.Told(),
            Core.Subscriptions.Errand.SendRailNotice => s.RailSays(new RailNoticeAnswer.Accepted()),
            Core.Subscriptions.Errand.MoveRailDate move => s.RailMoves(move.Date, new RailNoticeAnswer.Accepted()),
            Core.Subscriptions.Errand.AskAgreement => s.RailDateIs(s.State.Agreement.RailDate),
            Core.Subscriptions.Errand.SendCharge => s.Succeeds(),
            _ => throw new InvalidOperationException($"Nobody carries out {errand}."),
        };
    }
}
