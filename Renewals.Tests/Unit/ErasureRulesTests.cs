using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Unit;

/// <summary>A member is erased only when nothing is open, and what is open is said.</summary>
public sealed class ErasureRulesTests
{
    private static readonly Subscription Over = Evolve.All(null, Samples.Life(Samples.Id))! with
    {
        Status = SubscriptionStatus.Ended, Attempts = [], Refunds = [], Backups = [],
        Agreement = new(Samples.Agreement, "12535", AgreementStatus.Terminated, null, 0),
    };

    [Theory]
    [InlineData(AgreementStatus.Signing, "it is being signed, until ")]
    [InlineData(AgreementStatus.Active, "agreement a0000000000040008000000000000001 is Active")]
    [InlineData(AgreementStatus.Suspended, "agreement a0000000000040008000000000000001 is Suspended")]
    [InlineData(AgreementStatus.Terminating, "agreement a0000000000040008000000000000001 is Terminating")]
    [InlineData(AgreementStatus.Terminated, null)]
    [InlineData(AgreementStatus.Abandoned, null)]
    public void An_agreement_must_be_over(AgreementStatus status, string? open)
    {
        var found = ErasureRules.OpenOf(Over with { Agreement = Over.Agreement with { Status = status } }).ToList();
        found.Should().HaveCount(open is null ? 0 : 1);
        if (open is not null)
            found[0].What.Should().StartWith(open);
    }

    [Theory]
    [InlineData(AttemptStatus.InFlight, false, true)]
    [InlineData(AttemptStatus.Declined, true, true)]
    [InlineData(AttemptStatus.Declined, false, false)]
    [InlineData(AttemptStatus.NotTaken, false, false)]
    public void An_order_that_may_still_take_money_is_open(AttemptStatus status, bool isAsked, bool isOpen)
    {
        var order = Samples.Order(Samples.Id, 2);
        var attempt = new Attempt(order, status, 1, Money.Cny(1), false, Samples.Now, Samples.Now, isAsked ? Samples.Now : null, 0, null, null);
        ErasureRules.OpenOf(Over with { Attempts = [attempt] }).Select(open => open.What).Should().Equal(isOpen ? [$"order {order} may still take money"] : []);
    }

    [Theory]
    [InlineData(RefundStatus.Owed, true)]
    [InlineData(RefundStatus.Requested, true)]
    [InlineData(RefundStatus.Done, false)]
    [InlineData(RefundStatus.Outside, false)]
    public void A_refund_on_its_way_is_open_and_one_that_the_rail_cannot_make_is_said(RefundStatus status, bool isOpen)
    {
        var order = Samples.Order(Samples.Id, 1);
        var refunded = Over with { Refunds = [new(order.Refund(1).ToString(), order, Money.Cny(990), status, 1, null, 0) { RailTransaction = "T1" }] };
        ErasureRules.OpenOf(refunded).Select(open => open.What).Should().Equal(isOpen ? [$"refund {order.Refund(1)} of CNY 990 is not done"] : []);
        ErasureRules.NotesOn(refunded, Samples.Now + Duration.FromDays(400)).Should().HaveCount(status == RefundStatus.Outside ? 1 : 0);
    }

    [Fact]
    public void Only_of_a_membership_that_runs_it_is_said_until_when_it_does()
    {
        var runs = Over with { Status = SubscriptionStatus.Cancelled, EndsAt = Over.RunsUntil };
        var before = Over.RunsUntil!.Value - Duration.FromDays(3);
        ErasureRules.NotesOn(runs, before).Should().Equal($"{Over.Id} is paid until {Over.RunsUntil}; it runs on without the erased data.");
        ErasureRules.NotesOn(runs with { EndsAt = before + Duration.FromDays(1) }, before).Should().Equal($"{Over.Id} is paid until {before + Duration.FromDays(1)}; it runs on without the erased data.");
        ErasureRules.NotesOn(runs, Over.RunsUntil.Value).Should().BeEmpty();
        ErasureRules.NotesOn(Over, before).Should().BeEmpty("it is over, whatever was paid");
    }

    [Fact]
    public void Records_stay_to_the_end_of_the_year_in_which_their_time_is_over()
    {
        // Already the new year in Shanghai.
        var stays = ErasureRules.Records("m-42", Instant.FromUtc(2026, 12, 31, 17, 0), 10);
        stays[0].Until.Should().Be(new LocalDate(2037, 12, 31));
        stays.Should().OnlyContain(one => one.What.Length > 0 && one.Where.Length > 0 && one.Why.Length > 0);
    }
}
