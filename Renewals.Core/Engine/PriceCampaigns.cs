using System.Runtime.CompilerServices;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Offers another price to all who have a plan (调价): each is told, answers or not, and is charged only what was announced and agreed.</summary>
public sealed class PriceCampaigns
{
    private readonly ISubscriptionLedger ledger;
    private readonly WishDesk wishes;

    internal PriceCampaigns(ISubscriptionLedger ledger, WishDesk wishes) => (this.ledger, this.wishes) = (ledger, wishes);

    /// <summary>Makes the offer to every membership of an account that is on the plan; one that has it already is passed over, so that it can be run again.</summary>
    /// <param name="account">Which account.</param>
    /// <param name="campaign">The offer.</param>
    /// <param name="cancellation">Gives up; offers that were made stay.</param>
    /// <returns>One result for each membership on the plan, as it is made.</returns>
    public async IAsyncEnumerable<OfferResult> RunAsync(MerchantAccount account, PriceCampaign campaign, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
        {
            if (s.Status == SubscriptionStatus.Active && s.Terms.PlanId == campaign.PlanId && s.Terms.Price != campaign.Price)
                yield return new(s.Id, s.LastOffer == campaign.Name, s.LastOffer == campaign.Name ? null : await OfferAsync(s.Id, campaign, cancellation));
        }
    }

    /// <summary>Makes the offer to one membership; one that had it already has it once.</summary>
    /// <returns>Why it was not made, where it was not; null: it was.</returns>
    public Task<string?> OfferAsync(SubscriptionId id, PriceCampaign campaign, CancellationToken cancellation = default) =>
        AskAsync(id, s => new SubscriptionCommand.OfferPrice(OfferTo(s, campaign)), cancellation);

    private async Task<string?> AskAsync(SubscriptionId id, Func<Subscription, SubscriptionCommand> wish, CancellationToken cancellation)
    {
        try
        {
            // One that is not granted does not keep the others from theirs.
            return await wishes.AskAsync(id, wish, cancellation) is null ? $"There is no membership {id}." : null;
        }
        catch (CannotDoException e)
        {
            return e.Message;
        }
    }

    /// <summary>Takes the offer back from every membership of an account that has not answered it; what was answered stands. It can be run again.</summary>
    /// <param name="account">Which account.</param>
    /// <param name="campaign">The name of the campaign.</param>
    /// <param name="by">Who takes it back; kept.</param>
    /// <param name="cancellation">Gives up; what was taken back stays so.</param>
    /// <returns>One result for each membership that had the offer open.</returns>
    public async IAsyncEnumerable<OfferResult> WithdrawAsync(
        MerchantAccount account, string campaign, string by, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
        {
            if (s.Offer?.Name == campaign)
                yield return new(s.Id, false, await AskAsync(s.Id, _ => new SubscriptionCommand.WithdrawOffer(campaign, by), cancellation));
        }
    }

    // Only the price is another: what else was agreed stays.
    private static PriceOffer OfferTo(Subscription s, PriceCampaign campaign) => new(
        campaign.Name, s.Terms with { PlanVersion = campaign.PlanVersion, Price = campaign.Price, FirstPeriodPrice = campaign.Price, Offers = null },
        campaign.EffectiveFrom, campaign.AnswerBy);
}

/// <summary>Another price for a plan.</summary>
/// <param name="Name">Name of the campaign; a membership has its offer once.</param>
/// <param name="PlanId">The plan.</param>
/// <param name="PlanVersion">The version that has the price.</param>
/// <param name="Price">The price of a period.</param>
/// <param name="EffectiveFrom">Not for periods that begin before this.</param>
/// <param name="AnswerBy">After this silence counts, as the terms say.</param>
public sealed record PriceCampaign(string Name, string PlanId, int PlanVersion, Money Price, Instant EffectiveFrom, Instant AnswerBy);

/// <summary>What came of the offer to one membership.</summary>
/// <param name="Id">Which.</param>
/// <param name="Before">True: it had the offer already.</param>
/// <param name="WhyNot">Why it was not made; null: it was.</param>
public sealed record OfferResult(SubscriptionId Id, bool Before, string? WhyNot);
