using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>What has become of a charge that was declined.</summary>
public enum DunningState
{
    /// <summary>It is tried again, or waits for a person.</summary>
    Trying = 0,

    /// <summary>A later try was paid.</summary>
    Recovered = 1,

    /// <summary>The membership was stopped, or the period is never charged.</summary>
    GivenUp = 2,
}

/// <summary>A charge that was declined at least once (补扣), as its events tell it.</summary>
/// <remarks>
/// A decline is a dunning step: an order the rail can never again take, or one that it refused at once for a reason of the member's. An order that a member
/// left unpaid at the cashier is none.
/// </remarks>
internal sealed class DunningCase
{
    private readonly List<Instant> declines = [];

    /// <summary>The events that tell it.</summary>
    public static IReadOnlySet<Type> Tells { get; } = new HashSet<Type>
    {
        typeof(Requested), typeof(Hinted), typeof(NotTaken), typeof(Failed), typeof(Charged), typeof(PeriodsSkipped), typeof(Cancelled), typeof(CancelUndone), typeof(Ended),
    };

    private DunningCase(MerchantAccount account, DeclineReason reason) => (Account, Reason) = (account, reason);

    /// <summary>Where the membership is charged.</summary>
    public MerchantAccount Account { get; }

    /// <summary>Why the first try was declined.</summary>
    public DeclineReason Reason { get; }

    /// <summary>When each try was declined, in order; at least one.</summary>
    public IReadOnlyList<Instant> Declines => declines;

    /// <summary>The payment; null: none.</summary>
    public Money? Paid { get; private set; }

    /// <summary>When it was paid, by the rail's time.</summary>
    public Instant? PaidAt { get; private set; }

    /// <summary>What has become of it.</summary>
    public DunningState State { get; private set; }

    /// <summary>Whether an event may be a decline.</summary>
    public static bool IsDecline(SubscriptionEvent e) => e is Failed or Hinted { Reason: not null };

    /// <summary>The cases of a membership, in the order of their first declines.</summary>
    /// <param name="account">Where it is charged.</param>
    /// <param name="events">Its events of the kinds in <see cref="Tells"/>, in order.</param>
    public static IReadOnlyList<DunningCase> Of(MerchantAccount account, IEnumerable<SubscriptionEvent> events)
    {
        var reader = new Reader(account);
        foreach (var e in events)
            reader.Read(e);
        return reader.Conclude();
    }

    // A missed period's late charge is the same debt as its renewal.
    private static (ChargeKind Kind, int Ordinal) DebtOf(Charge charge) =>
        (charge.Kind is ChargeKind.First or ChargeKind.CatchUp ? ChargeKind.Renewal : charge.Kind, charge.Ordinal);

    private sealed class Reader(MerchantAccount account)
    {
        private readonly Dictionary<(ChargeKind Kind, int Ordinal), DunningCase> cases = [];
        private readonly Dictionary<OrderNumber, DeclineReason> heard = [];
        private readonly HashSet<OrderNumber> atCashier = [];
        private readonly HashSet<(ChargeKind Kind, int Ordinal)> paid = [];
        private int skippedThrough;
        private bool stopped;

        public void Read(SubscriptionEvent e)
        {
            switch (e)
            {
                case Requested { Authority: ChargeAuthority.MemberPresent } x:
                    atCashier.Add(x.Order);
                    break;
                case Hinted { Reason: { } reason } x:
                    heard[x.Order] = reason;
                    break;
                case NotTaken { Outcome: ChargeOutcome.Missing or ChargeOutcome.Absent } x when heard.Remove(x.Order, out var reason):
                    Decline(x.Order, reason, x.At);
                    break;
                case Failed x:
                    heard.Remove(x.Order);
                    Decline(x.Order, x.Reason, x.At);
                    break;
                case Charged x:
                    Pay(x);
                    break;
                case PeriodsSkipped x:
                    skippedThrough = Math.Max(skippedThrough, x.To);
                    break;
                case Cancelled or Ended:
                    stopped = true;
                    break;
                case CancelUndone:
                    stopped = false;
                    break;
                default:
                    break;
            }
        }

        public IReadOnlyList<DunningCase> Conclude()
        {
            foreach (var (debt, one) in cases)
                one.State = one.Paid is not null ? DunningState.Recovered : stopped || debt.Ordinal <= skippedThrough ? DunningState.GivenUp : DunningState.Trying;
            return [.. cases.Values];
        }

        private void Pay(Charged x)
        {
            var debt = DebtOf(x.Order.Charge);
            paid.Add(debt);
            if (cases.TryGetValue(debt, out var one))
                (one.Paid, one.PaidAt) = (x.Amount, x.PaidAt);
        }

        private void Decline(OrderNumber order, DeclineReason reason, Instant at)
        {
            // Said after it was paid, it is an old order's end and no step.
            var debt = DebtOf(order.Charge);
            if (atCashier.Contains(order) || paid.Contains(debt))
                return;
            if (!cases.TryGetValue(debt, out var one))
                cases[debt] = one = new(account, reason);
            one.declines.Add(at);
        }
    }
}
