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

    /// <summary>The plan with law and dunning as they stand now, for one subscription.</summary>
    /// <param name="law">The law where the plan names none.</param>
    /// <param name="dunning">What happens after a decline.</param>
    /// <param name="quiet">The member's own quiet hours; null: the plan's.</param>
    /// <param name="rail">Where it is charged: the policy's rules for that rail take the place of the general ones. Null: at no rail in particular.</param>
    public Terms Resolve(MarketRules law, DunningPolicy dunning, QuietHours? quiet = null, string? rail = null)
    {
        var first = FirstPeriodPrice ?? Price;
        return new(Id, Version, Subject, Interval, Renews, first, Price, ZoneId, (Law ?? law).For(Interval, first < Price), dunning.For(rail))
        {
            CatchUp = CatchUp, QuietHours = quiet ?? QuietHours,
        };
    }
}
