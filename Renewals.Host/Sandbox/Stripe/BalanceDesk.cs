using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Refunds, and the account's balance they and the payments leave.</summary>
internal sealed class BalanceDesk(StripeState state, Messenger messenger)
{
    public ApiAnswer CreateRefund(ApiCall call)
    {
        if (!state.Intents.TryGetValue(call["payment_intent"], out var intent))
            return ApiAnswer.Missing("payment_intent", call["payment_intent"]);
        var known = StripeState.ListOf(state.RefundsByIntent, intent.Id);
        var left = intent.Amount - known.Where(refund => refund.Status != "failed").Sum(refund => refund.Amount);
        if (intent.Status != "succeeded" || call.Number("amount") is not (> 0 and var amount))
            return ApiAnswer.Invalid("This payment cannot be refunded, or not this amount.", "amount");
        if (left == 0)
            return ApiAnswer.Invalid("The charge has already been refunded.", code: "charge_already_refunded");
        if (amount > left)
            return ApiAnswer.Invalid("Refund amount is greater than unrefunded amount on charge.", "amount");
        var refund = new Refund(state.NewId("re", call.Key ?? call.Text), intent, amount, call.Under("metadata"), call.Now);
        known.Add(refund);
        var delay = state.Options.RefundDelays(refund.Number);
        if (delay > Duration.Zero)
            state.Later(call.Now + delay, refund.Id, at => Settle(refund, at));
        else
            Settle(refund, call.Now);
        messenger.Tell("refund.created", Views.Of(refund), call.Now);
        return ApiAnswer.Of(Views.Of(refund));
    }

    public ApiAnswer ListRefunds(ApiCall call) => ApiAnswer.Page(
        call, StripeState.ListOf(state.RefundsByIntent, call["payment_intent"]).AsEnumerable().Reverse(), refund => refund.Id, Views.Of);

    public ApiAnswer ListBalance(ApiCall call)
    {
        var (from, until) = (call.Time("created[gte]") ?? Instant.MinValue, call.Time("created[lt]") ?? Instant.MaxValue);
        var lines = state.Balance.Where(line => line.At >= from && line.At < until).Reverse();
        return ApiAnswer.Page(call, lines, line => line.Id, line => Views.Of(line, call.Expands("data.source")));
    }

    private void Settle(Refund refund, Instant at)
    {
        var payment = refund.Of;
        var entry = new BankEntry(
            payment.Order, refund.Number, payment.Card!.Member, state.Account, new Money(refund.Amount, payment.Currency.ToUpperInvariant()),
            BankEntryKind.Refund, at, payment.Id, payment.Saves ? ExecutedUnder.Cashier : ExecutedUnder.SavedCard);
        refund.Status = state.Bank.PayBack(entry) ? "succeeded" : "failed";
        if (refund.Status == "succeeded")
            state.Balance.Add(new(state.NewId("txn", refund.Id), at, null, refund));
        messenger.Tell(refund.Status == "failed" ? "refund.failed" : "refund.updated", Views.Of(refund), at);
    }
}
