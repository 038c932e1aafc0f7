using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Calendar;

/// <summary>How a change of terms comes to be paid.</summary>
public enum ChangeWay
{
    /// <summary>Through the agreement, as any other period: announced and charged.</summary>
    Agreement = 0,

    /// <summary>Through the agreement: the difference is added to the next announced charge.</summary>
    AddedToNextCharge = 1,

    /// <summary>Not through the agreement: the member pays the difference at the merchant's checkout.</summary>
    MemberPresent = 2,

    /// <summary>Not under this agreement at all: the member signs a new one.</summary>
    NewAgreement = 3,
}

/// <summary>What a rail's agreement allows of a change. The one place that says it: decisions, previews and the table in the documents ask here.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>change</term><description>agreement fixes neither · fixes the ceiling · fixes the interval</description></listheader>
/// <item><term>price within what was signed, next period</term><description>agreement · agreement · agreement</description></item>
/// <item><term>price above it</term><description>agreement · new agreement · as its ceiling says</description></item>
/// <item><term>at once, and price and difference together within what was signed</term><description>added to the next charge · added to the next charge · added to the next charge</description></item>
/// <item><term>at once, together above it</term><description>added to the next charge · member present · as its ceiling says</description></item>
/// <item><term>another interval</term><description>agreement · agreement · new agreement</description></item>
/// </list>
/// </remarks>
public static class RailChanges
{
    /// <summary>How a change is paid.</summary>
    /// <param name="fixesInterval">Whether the agreement fixes the interval: <see cref="RailTraits.FixesInterval"/>.</param>
    /// <param name="ceiling">The most a charge may come to; null: the agreement has no such limit.</param>
    /// <param name="before">What holds.</param>
    /// <param name="after">What is to hold.</param>
    /// <param name="difference">What is added to the next charge; zero or less: nothing.</param>
    /// <param name="added">What was added to it before.</param>
    public static ChangeWay Judge(bool fixesInterval, Money? ceiling, Terms before, Terms after, Money difference, Money added)
    {
        if ((fixesInterval && after.Interval != before.Interval) || Exceeds(after.HighestPrice, ceiling))
            return ChangeWay.NewAgreement;
        if (difference.MinorUnits <= 0)
            return ChangeWay.Agreement;
        return Exceeds(after.HighestPrice + added + difference, ceiling) ? ChangeWay.MemberPresent : ChangeWay.AddedToNextCharge;
    }

    internal static ChangeWay Judge(Subscription s, SubscriptionCommand.ChangeTerms x, DecisionContext context)
    {
        var none = x.Terms.Price with { MinorUnits = 0 };
        var difference = x.When == ChangeTiming.Now ? Decide.Difference(s, x.Terms, context.Now) : none;
        return Judge(context.Traits.FixesInterval, s.Agreement.Ceiling, s.Terms, x.Terms, difference, s.Additions.Aggregate(none, (sum, a) => sum + a.Amount));
    }

    // Ceilings compare only where there is one.
    private static bool Exceeds(Money amount, Money? ceiling) => ceiling is { } most && amount > most;
}
