using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Voids (撤销, 31) and refunds (退货, 04): accepted or refused, then the money goes back when due.</summary>
internal sealed class ReversalDesk(UnionPayState state, Messenger messenger)
{
    private const int RefundMonths = 11;

    private readonly HashSet<(string OrderId, string TxnTime)> lostOnce = [];

    public GatewayAnswer Reverse(GatewayCall call)
    {
        var decision = state.Options.Reversals(call["orderId"]);
        if (decision.Answer == AnswerFate.LostRequest && lostOnce.Add(call.Key))
            return GatewayAnswer.Broken();
        var original = state.CollectionsByQueryId.GetValueOrDefault(call["origQryId"]);
        var reversal = new Reversal(call, decision) { Original = original, Card = original?.Card };
        state.Record(reversal);
        var (refusal, detail) = original is null ? ("35", "2040004") : RefusalOf(reversal, original);
        if (refusal is not null)
        {
            reversal.End(refusal, call.Now, detail);
        }
        else
        {
            original!.Reversals.Add(reversal);
            state.Queue.Add(new DueChange(call.Now + decision.SettleDelay, reversal.OrderId, at => Settle(reversal, at)));
        }

        return decision.Answer == AnswerFate.LostAnswer
            ? GatewayAnswer.Broken()
            : GatewayAnswer.To(call, refusal ?? "00", detail).With("origQryId", call["origQryId"]).With("txnAmt", call["txnAmt"])
                .With("currencyCode", call["currencyCode"]).With("queryId", refusal is null ? reversal.QueryId : null);
    }

    private static (string? Code, string? Detail) RefusalOf(Reversal reversal, Collection original)
    {
        if (!original.Succeeded)
            return ("35", "2040004");
        if (reversal.Call["bizType"] != original.Call["bizType"])
            return ("36", "2050004");
        return reversal.IsVoid ? RefusalOfVoid(reversal, original) : RefusalOfRefund(reversal, original);
    }

    // Whole, on the same clearing day, and nothing went back before. With which code a void after the cut-off fails is not published.
    private static (string? Code, string? Detail) RefusalOfVoid(Reversal reversal, Collection original) =>
        reversal.Amount != original.Amount ? ("36", "2050001")
        : original.Reversals.Count > 0 ? ("45", "2050002")
        : UnionPayTime.ClearingDay(reversal.AcceptedAt) != original.SettleDay ? ("35", "2050004")
        : (null, null);

    private static (string? Code, string? Detail) RefusalOfRefund(Reversal reversal, Collection original)
    {
        var asked = original.Reversals.Sum(earlier => earlier.Amount);
        var latest = UnionPayTime.ToInstant(UnionPayTime.InBeijing(original.AcceptedAt).PlusMonths(RefundMonths));
        return original.Reversals.Exists(earlier => earlier.IsVoid) || asked == original.Amount ? ("45", "2050002")
            : asked + reversal.Amount > original.Amount ? ("36", "2050001")
            : reversal.AcceptedAt > latest ? ("35", "2050004")
            : (null, null);
    }

    private void Settle(Reversal reversal, Instant at)
    {
        lock (state.Gate)
        {
            var original = reversal.Original!;
            var back = new BankEntry(
                original.OrderId, reversal.OrderId, original.Card!.Member, state.Account, Money.Cny(reversal.Amount), BankEntryKind.Refund, at,
                original.QueryId, ExecutedUnder.Entrust);
            if (reversal.Decision.FailWith is { } planned)
                Fail(reversal, original, planned, at);
            else if (!state.Bank.PayBack(back))
                Fail(reversal, original, "63", at);
            else
                Succeed(reversal, original, at);
        }
    }

    private void Succeed(Reversal reversal, Collection original, Instant at)
    {
        reversal.End("00", at);

        // A voided collection never was: it does not count against the terms either.
        if (reversal.IsVoid)
            original.Entrust!.Successes.Remove(original);
        messenger.Notify(reversal, reversal.Decision.Notification);
    }

    private void Fail(Reversal reversal, Collection original, string code, Instant at)
    {
        reversal.End(code, at);
        original.Reversals.Remove(reversal);
        if (state.Options.NotifyFailures)
            messenger.Notify(reversal, reversal.Decision.Notification);
    }
}
