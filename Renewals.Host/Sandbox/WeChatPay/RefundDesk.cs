using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>What a refund asks for, from whichever interface.</summary>
internal sealed record RefundAsk(
    string TransactionId, string OrderNumber, string RefundNumber, long Total, long Amount, Uri? NotifyUrl, bool ByV3)
{
    public bool OnPlatform { get; init; }

    public string Fingerprint => $"{Total}\n{Amount}\n{TransactionId}\n{OrderNumber}";
}

/// <summary>Why a refund is not taken.</summary>
internal enum RefundRefusal
{
    NoSuchOrder,
    TotalDiffers,
    Changed,
    OverRefund,
    TooMany,
    TooOld,
    AccountClosed,
    AskAgain,
}

/// <summary>Refunds: partial, never more than paid, idempotent by the refund number; the money is back after a delay.</summary>
internal sealed class RefundDesk(WeChatPayState state, RefundNews news)
{
    private const int MaxPerOrder = 50;

    private readonly Dictionary<string, RefundDecision> refusedFirst = new(StringComparer.Ordinal);

    public (Refund? Refund, RefundRefusal? Refusal) Ask(RefundAsk ask, Instant now)
    {
        if (state.Refunds.GetValueOrDefault(ask.RefundNumber) is { } earlier)
            return earlier.Fingerprint == ask.Fingerprint ? (earlier, null) : (null, RefundRefusal.Changed);
        if (state.FindOrder(ask.TransactionId, ask.OrderNumber) is not { Stage: OrderStage.Paid } order)
            return (null, RefundRefusal.NoSuchOrder);
        if (RefusalOf(order, ask, now) is { } refusal)
            return (null, refusal);
        if (!refusedFirst.Remove(ask.RefundNumber, out var decision))
        {
            decision = state.Options.Refunds(ask.RefundNumber);
            if (decision.RefuseFirst)
            {
                refusedFirst.Add(ask.RefundNumber, decision);
                return (null, RefundRefusal.AskAgain);
            }
        }

        return (Accept(order, ask, decision, now), null);
    }

    private Refund Accept(Order order, RefundAsk ask, RefundDecision decision, Instant now)
    {
        var refund = new Refund
        {
            Number = ask.RefundNumber,
            Id = StableId.Digits(29, "refund", ask.RefundNumber),
            Order = order,
            Amount = ask.Amount,
            Fingerprint = ask.Fingerprint,
            AskedAt = now,
            NotifyUrl = ask.NotifyUrl,
            ByV3 = ask.ByV3,
            OnPlatform = ask.OnPlatform,
            Decision = decision,
        };
        order.Refunds.Add(refund);
        state.Refunds.Add(refund.Number, refund);
        state.Queue.Add(new DueChange(now + decision.SettleDelay, refund.Number, at => Settle(refund, at)));
        return refund;
    }

    private RefundRefusal? RefusalOf(Order order, RefundAsk ask, Instant now) =>
        ask.Total != order.Amount ? RefundRefusal.TotalDiffers
        : order.RefundedOrAsked + ask.Amount > order.Amount ? RefundRefusal.OverRefund
        : order.Refunds.Count >= MaxPerOrder ? RefundRefusal.TooMany
        : now >= order.EndedAt.InBeijing().PlusYears(1).BeijingToInstant() ? RefundRefusal.TooOld
        : !state.Bank.IsOpen(order.Member) ? RefundRefusal.AccountClosed
        : null;

    private void Settle(Refund refund, Instant at)
    {
        lock (state.Gate)
        {
            var order = refund.Order;
            var entry = new BankEntry(
                order.Number, refund.Number, order.Member, state.Account, Money.Cny(refund.Amount), BankEntryKind.Refund, at,
                order.TransactionId, order.Under);
            refund.Stage = refund.Decision.Unreachable ? RefundStage.Unreachable
                : state.Bank.PayBack(entry) ? RefundStage.Done
                : RefundStage.Closed;
            refund.EndedAt = at;
            news.Tell(refund);
        }
    }
}
