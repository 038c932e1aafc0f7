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

    /// <summary>Prices of the first periods after period 1; null: the full price.</summary>
    public PriceSchedule? Offers { get; init; }

    /// <summary>What is sold with it; null: nothing.</summary>
    public AddOns? AddOns { get; init; }

    /// <summary>The coupon that was used; null: none.</summary>
    public UsedCoupon? Coupon { get; init; }

    /// <summary>Days that are given before period 1 begins (试用). 0: none.</summary>
    public int TrialDays { get; init; }

    /// <summary>Days the membership goes on being given after the paid time while a charge is still tried (宽限期). 0: none.</summary>
    public int GraceDays { get; init; }

    /// <summary>Within so many days of the first payment the member may withdraw and gets all of it back. 0: there is no such right.</summary>
    public int WithdrawalDays { get; init; }

    /// <summary>What no answer to the offer of a higher price means. Default <see cref="PriceSilence.OldPrice"/>.</summary>
    public PriceSilence PriceSilence { get; init; }

    /// <summary>What becomes of renewal when a payment is disputed. Default <see cref="DisputeRule.WaitForPerson"/>.</summary>
    public DisputeRule OnDispute { get; init; }

    /// <summary>The cheaper plan offered to who wants to cancel (降级); null: none is.</summary>
    public string? StepDownPlan { get; init; }

    /// <summary>The price of a period, 1 or more: of the plan or its offer, with what is sold with it, less the coupon.</summary>
    public Money PriceOf(int ordinal)
    {
        var plan = ordinal == 1 ? FirstPeriodPrice : Offers?.PriceOf(ordinal) ?? Price;
        var full = AddOns is { } addOns ? plan + addOns.PriceIn(plan.Currency) : plan;
        return Coupon is { } used && used.Covers(ordinal) ? used.Coupon.Reduce(full) : full;
    }

    /// <summary>The highest price of any period, as it stands.</summary>
    public Money HighestPrice
    {
        get
        {
            var addOns = AddOns?.PriceIn(Price.Currency) ?? new(0, Price.Currency);
            var highest = Offers?.Phases.Select(phase => phase.Price.MinorUnits).Append(FirstPeriodPrice.MinorUnits).Max() ?? FirstPeriodPrice.MinorUnits;
            return addOns + Price with { MinorUnits = Math.Max(Price.MinorUnits, highest) };
        }
    }

    /// <summary>The periods of a membership that began on this day.</summary>
    public Periods PeriodsFrom(LocalDate anchor, int before = 0) => new(anchor, Interval, ZoneId, before);
}
