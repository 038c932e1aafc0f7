using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Plans;

/// <summary>What is sold: an interval and its prices. A version never changes; a change is a new version.</summary>
/// <remarks>Read when somebody signs. After that the subscription's own <see cref="Terms"/> count, whatever becomes of the plan.</remarks>
public sealed record Plan
{
    /// <summary>Short name in configuration and commands, such as <c>monthly</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Version of this plan, 1 or more.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What is sold, as the member reads it at the rail and in notices.</summary>
    public required string Subject { get; init; }

    /// <summary>False: nobody can sign it any more. Who has it goes on as before. Default true; no part of what a version sells.</summary>
    public bool OnSale { get; init; } = true;

    /// <summary>Length of a period.</summary>
    public required BillingInterval Interval { get; init; }

    /// <summary>False for a membership of one period (年费) that is paid once and ends.</summary>
    public bool Renews { get; init; } = true;

    /// <summary>Full price of a period.</summary>
    public required Money Price { get; init; }

    /// <summary>Price of period 1 (首月优惠); null when it is the full price.</summary>
    public Money? FirstPeriodPrice { get; init; }

    /// <summary>Prices of more periods than the first that differ from the full price (前三月); null: none. Counts where <see cref="FirstPeriodPrice"/> does not.</summary>
    public PriceSchedule? Offers { get; init; }

    /// <summary>Days that are given before period 1 begins (试用). Default 0.</summary>
    public int TrialDays { get; init; }

    /// <summary>True: first-period price, offers and trial are for who never had a membership; others pay the full price from period 1. Default false.</summary>
    public bool OffersForNewMembers { get; init; }

    /// <summary>Days the membership goes on being given while a charge is still tried (宽限期). Default 0.</summary>
    public int GraceDays { get; init; }

    /// <summary>Within so many days of the first payment the member may withdraw and gets all of it back. Default 0: there is no such right.</summary>
    public int WithdrawalDays { get; init; }

    /// <summary>What can be sold with it, each with the price of one; the quantity here is the most that is sold.</summary>
    public AddOns? AddOns { get; init; }

    /// <summary>The most a charge may come to, as it is agreed at rails that keep such a limit; null: its highest price.</summary>
    /// <remarks>A limit above the price leaves room for a dearer plan or an addition without a new agreement.</remarks>
    public Money? Ceiling { get; init; }

    /// <summary>What no answer to the offer of a higher price means. Default <see cref="PriceSilence.OldPrice"/>.</summary>
    public PriceSilence PriceSilence { get; init; }

    /// <summary>What becomes of renewal when a payment is disputed. Default <see cref="DisputeRule.WaitForPerson"/>.</summary>
    public DisputeRule OnDispute { get; init; }

    /// <summary>The cheaper plan offered to who wants to cancel (降级); null: none is.</summary>
    public string? StepDownPlan { get; init; }

    /// <summary>Zone of the plan's dates.</summary>
    public string ZoneId { get; init; } = RenewalZones.Shanghai;

    /// <summary>What becomes of periods that were missed. Default <see cref="CatchUpPolicy.CurrentPeriodOnly"/>.</summary>
    public CatchUpPolicy CatchUp { get; init; }

    /// <summary>The law it is sold under; null: the one of the options.</summary>
    public MarketRules? Law { get; init; }

    /// <summary>When members are not told anything, in the plan's zone. Default <see cref="QuietHours.Night"/>; a member may have others.</summary>
    public QuietHours QuietHours { get; init; } = QuietHours.Night;

    /// <summary>The rail's template (协议模板) this plan is sold under, by merchant account.</summary>
    public required IReadOnlyDictionary<MerchantAccount, string> Templates { get; init; }

    /// <summary>What is wrong with it, in a sentence; null: nothing.</summary>
    public string? Fault
    {
        get
        {
            Money?[] prices = [Price, FirstPeriodPrice, Ceiling, .. Offers?.Phases.Select(phase => phase.Price) ?? [], .. AddOns?.Items.Select(item => item.UnitPrice) ?? []];
            return prices.Any(price => price is { MinorUnits: < 1 }) ? $"Plan '{Id}' has a price below one minor unit."
                : prices.Any(price => price is { } other && other.Currency != Price.Currency) ? $"Plan '{Id}' has prices in two currencies."
                : Offers?.Phases.Zip(Offers.Phases.Skip(1)).Any(pair => pair.Second.Through <= pair.First.Through) == true ? $"Plan '{Id}' has offers that do not follow one another."
                : TrialDays < 0 || GraceDays < 0 || WithdrawalDays < 0 ? $"Plan '{Id}' counts days below zero."
                : AddOns?.Items.GroupBy(item => item.Id).Any(group => group.Count() > 1) == true ? $"Plan '{Id}' sells an add-on twice."
                : null;
        }
    }

    /// <summary>The plan with law and dunning as they stand now, for one subscription.</summary>
    /// <param name="law">The law where the plan names none.</param>
    /// <param name="dunning">What happens after a decline.</param>
    /// <param name="quiet">The member's own quiet hours; null: the plan's.</param>
    /// <param name="rail">Where it is charged: the policy's rules for that rail take the place of the general ones. Null: at no rail in particular.</param>
    public Terms Resolve(MarketRules law, DunningPolicy dunning, QuietHours? quiet = null, string? rail = null)
    {
        var first = FirstPeriodPrice ?? Offers?.PriceOf(1) ?? Price;
        var offerPeriods = Math.Max(first < Price ? 1 : 0, Offers?.Phases.LastOrDefault(phase => phase.Price < Price)?.Through ?? 0);
        return new(Id, Version, Subject, Interval, Renews, first, Price, ZoneId, (Law ?? law).For(Interval, offerPeriods), dunning.For(rail))
        {
            CatchUp = CatchUp, QuietHours = quiet ?? QuietHours, Offers = Offers, TrialDays = TrialDays, GraceDays = GraceDays,
            WithdrawalDays = WithdrawalDays, PriceSilence = PriceSilence, OnDispute = OnDispute, StepDownPlan = StepDownPlan,
        };
    }
}
