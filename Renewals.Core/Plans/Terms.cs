using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;

namespace Renewals.Core.Plans;

/// <summary>Plan version, prices, law and dunning as resolved for one subscription; written whole into its events.</summary>
/// <remarks>A replay needs nothing else: no catalogue, no configuration.</remarks>
/// <param name="PlanId">Which plan.</param>
/// <param name="PlanVersion">Which version of it.</param>
/// <param name="Subject">What is sold, as the member reads it.</param>
/// <param name="Interval">Length of a period.</param>
/// <param name="Renews">False when the membership ends after period 1.</param>
/// <param name="FirstPeriodPrice">Price of period 1.</param>
/// <param name="Price">Price of every later period.</param>
/// <param name="ZoneId">Zone of billing dates.</param>
/// <param name="Law">What the law of the market requires.</param>
/// <param name="Dunning">What happens after a decline.</param>
public sealed record Terms(
    string PlanId, int PlanVersion, string Subject, BillingInterval Interval, bool Renews, Money FirstPeriodPrice, Money Price, string ZoneId,
    MarketRules Law, DunningPolicy Dunning)
{
    /// <summary>What becomes of periods that were missed; <see cref="CatchUpPolicy.CurrentPeriodOnly"/> in terms from before there was a choice.</summary>
    public CatchUpPolicy CatchUp { get; init; }

    /// <summary>When the member is not disturbed; never in terms from before there was a choice.</summary>
    public QuietHours QuietHours { get; init; } = QuietHours.None;

    /// <summary>The price of a period, 1 or more.</summary>
    public Money PriceOf(int ordinal) => ordinal == 1 ? FirstPeriodPrice : Price;

    /// <summary>The periods of a membership that began on this day.</summary>
    public Periods PeriodsFrom(LocalDate anchor, int before = 0) => new(anchor, Interval, ZoneId, before);
}
