using CsCheck;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Plans;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Properties;

/// <summary>Parts of a period's price: exact to the minor unit, in the member's favour, and never a unit lost.</summary>
public class ProrationTests
{
    private static readonly LocalDate First = new(2026, 1, 31);

    [Fact]
    public void The_parts_of_a_period_sum_to_the_whole_and_each_is_less_than_a_unit_from_its_share() =>
        Gen.Select(Gen.Long[-1_000_000, 10_000_000], Gen.Int[1, 400], Gen.Int[-10, 410]).Sample((price, length, at) =>
        {
            var (end, cut) = (First.PlusDays(length), First.PlusDays(at));
            var (before, rest) = (Proration.Before(Money.Cny(price), First, end, cut), Proration.Rest(Money.Cny(price), First, end, cut));
            (before + rest).Should().Be(Money.Cny(price));
            var share = price * (decimal)Math.Clamp(length - at, 0, length) / length;
            (share - rest.MinorUnits).Should().BeInRange(0, 0.9999999m, "what the member owes is rounded down, what goes back up");
        });

    [Fact]
    public void Cut_into_days_nothing_is_lost_or_found() =>
        Gen.Select(Gen.Long[1, 1_000_000], Gen.Int[1, 366]).Sample((price, length) =>
        {
            var end = First.PlusDays(length);
            Enumerable.Range(0, length).Sum(day =>
                (Proration.Rest(Money.Cny(price), First, end, First.PlusDays(day)) - Proration.Rest(Money.Cny(price), First, end, First.PlusDays(day + 1))).MinorUnits)
                .Should().Be(price);
        });

    [Fact]
    public void A_period_without_days_has_no_parts() =>
        FluentActions.Invoking(() => Proration.Rest(Money.Cny(1), First, First, First)).Should().Throw<ArgumentOutOfRangeException>();

    /// <summary>The table of the documents, and what decisions do, come from one place: this is the table.</summary>
    [Theory]
    [InlineData(false, null, 3000, 0, ChangeWay.Agreement)]
    [InlineData(false, null, 3000, 900, ChangeWay.AddedToNextCharge)]
    [InlineData(true, 5000L, 3000, 0, ChangeWay.Agreement)]
    [InlineData(true, 5000L, 3000, 900, ChangeWay.AddedToNextCharge)]
    [InlineData(true, 3500L, 3000, 900, ChangeWay.MemberPresent)]
    [InlineData(true, 2999L, 3000, 0, ChangeWay.NewAgreement)]
    [InlineData(true, 5000L, 3000, -900, ChangeWay.Agreement)]
    public void What_an_agreement_allows(bool fixesInterval, long? ceiling, long price, long difference, ChangeWay way)
    {
        var after = Scenario.Monthly with { Price = Money.Cny(price), FirstPeriodPrice = Money.Cny(price) };
        RailChanges.Judge(fixesInterval, ceiling is { } fen ? Money.Cny(fen) : null, Scenario.Monthly, after, Money.Cny(difference), Money.Cny(0)).Should().Be(way);
        RailChanges.Judge(fixesInterval, ceiling is { } most ? Money.Cny(most) : null, Scenario.Monthly, after with { Interval = BillingInterval.Yearly }, Money.Cny(0), Money.Cny(0))
            .Should().Be(fixesInterval || way == ChangeWay.NewAgreement ? ChangeWay.NewAgreement : ChangeWay.Agreement);
    }
}
