using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What a transaction tells the account's fuses: outcomes, and orders that are not ours.</summary>
internal sealed class HeardOfOrders
{
    private readonly StringBuilder outcomes = new();
    private readonly List<string> foreign = [];

    public void Take(IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
        {
            if (e is Charged)
                outcomes.Append(AccountNews.Paid);

            // An order that was closed says that a member did not pay while signing, not that the rail declines.
            else if (e is Failed { Reason: not DeclineReason.OrderClosed })
                outcomes.Append(AccountNews.Declined);
            else if (e is Overpaid { Reason: OverpaidReason.NotOrdered } strange)
                Foreign($"order {strange.Order} took money of a membership here and was not ordered");
            else if (e is PaidElsewhere { AfterCutOver: true, WasHeard: false } old)
                Foreign($"payment {old.RailTransaction} under an agreement that was moved here, after the cut-over, by an order that is not ours");
        }
    }

    public void Foreign(string about) => foreign.Add(about);

    public void WriteTo(ILedgerBatch batch, MerchantAccount account, FuseLimits limits, Instant now)
    {
        if (outcomes.Length > 0 || foreign.Count > 0)
            batch.Hear(account, new(outcomes.ToString(), foreign.Count, foreign.FirstOrDefault() ?? ""), limits, now);
    }
}
