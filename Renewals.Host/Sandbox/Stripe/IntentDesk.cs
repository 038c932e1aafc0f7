using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Payment intents: made, confirmed, failed, confirmed again, cancelled. Every success is money at the bank.</summary>
internal sealed class IntentDesk(StripeState state, Messenger messenger)
{
    // Some of the presentment currencies of docs.stripe.com/currencies: enough for a merchant's tests, and nothing that is none.
    private static readonly HashSet<string> Currencies = new(
        ["aud", "brl", "cad", "chf", "cny", "dkk", "eur", "gbp", "hkd", "idr", "inr", "jpy", "krw", "mxn", "myr", "nok", "nzd", "php", "sek", "sgd", "thb", "twd", "usd"],
        StringComparer.Ordinal);

    public ApiAnswer Create(ApiCall call)
    {
        if (call.Number("amount") is not (> 0 and < 100_000_000 and var amount))
            return ApiAnswer.Invalid("Invalid integer", "amount", "parameter_invalid_integer");
        if (!Currencies.Contains(call["currency"]))
            return ApiAnswer.Invalid($"Invalid currency: {call["currency"]}", "currency");
        if (!state.Customers.TryGetValue(call["customer"], out var customer) || customer.Deleted)
            return ApiAnswer.Invalid("No such customer", "customer", "resource_missing");
        if (call["confirm"] != "true")
            return ApiAnswer.Invalid("off_session can only be used with confirm=true", "off_session");
        if (!state.Cards.TryGetValue(call["payment_method"], out var card) || card.Owner != customer.Id)
            return ApiAnswer.Invalid("No such PaymentMethod", "payment_method", "resource_missing");
        if (!card.Attached)
            return ApiAnswer.Invalid("The provided PaymentMethod was detached from a Customer. It may not be used again.", "payment_method");
        var intent = Make(call["customer"], amount, call["currency"], call["description"], call.Under("metadata"), saves: false, call.Now, call.Key ?? call.Text);
        return Confirm(intent, card, state.DecisionOf(card.Member, intent.Order), call);
    }

    /// <summary>A failed payment is confirmed again: whoever left it open may find it paid.</summary>
    public ApiAnswer ConfirmAgain(ApiCall call, string id)
    {
        if (!state.Intents.TryGetValue(id, out var intent))
            return ApiAnswer.Missing("payment_intent", id);
        if (intent.Status != "requires_payment_method")
            return Unexpected(intent);
        return state.Cards.TryGetValue(call["payment_method"], out var card) && card.Owner == intent.Customer && card.Attached
            ? Confirm(intent, card, new(), call)
            : ApiAnswer.Invalid("No such PaymentMethod", "payment_method", "resource_missing");
    }

    public ApiAnswer CancelCall(ApiCall call, string id) =>
        !state.Intents.TryGetValue(id, out var intent) ? ApiAnswer.Missing("payment_intent", id)
        : Cancel(intent, call.Now) ? ApiAnswer.Of(Views.Of(intent, call.Expands("latest_charge")))
        : Unexpected(intent);

    public ApiAnswer List(ApiCall call) => ApiAnswer.Page(
        call, StripeState.ListOf(state.IntentsByCustomer, call["customer"]).AsEnumerable().Reverse(), intent => intent.Id,
        intent => Views.Of(intent, call.Expands("data.latest_charge")));

    /// <summary>Cancels what is not paid and not under way.</summary>
    public bool Cancel(Intent intent, Instant at)
    {
        if (intent.Status != "requires_payment_method")
            return false;
        (intent.Status, intent.LastDecline) = ("canceled", null);
        messenger.Tell("payment_intent.canceled", Views.Of(intent), at);
        return true;
    }

    /// <summary>Pays on the page; a decline leaves the page open for another try.</summary>
    /// <returns>The decline code; null when it is paid.</returns>
    public string? PayAtPage(CheckoutPage page, SavedCard card)
    {
        page.Intent ??= Make(page.Customer, page.Amount, page.Currency, page.Subject, page.IntentMetadata, saves: true, state.Now, page.Id);
        page.Intent.Card = card;
        Settle(page.Intent, ExecutedUnder.Cashier, state.Declines.Take(card.Member), 1, state.Now);
        return page.Intent.LastDecline;
    }

    private Intent Make(
        string customer, long amount, string currency, string description, IReadOnlyDictionary<string, string> metadata, bool saves, Instant at, string of)
    {
        var intent = new Intent(state.NewId("pi", of), customer, amount, currency, description, metadata, saves, at);
        state.Intents.Add(intent.Id, intent);
        StripeState.ListOf(state.IntentsByCustomer, customer).Add(intent);
        return intent;
    }

    private ApiAnswer Confirm(Intent intent, SavedCard card, StripeChargeDecision decision, ApiCall call)
    {
        intent.Card = card;
        var decline = state.Declines.Take(card.Member) ?? decision.DeclineCode;
        if (decision.ProcessingFor > Duration.Zero)
        {
            (intent.Status, intent.LastDecline) = ("processing", null);
            messenger.Tell("payment_intent.processing", Views.Of(intent), call.Now);
            state.Later(call.Now + decision.ProcessingFor, intent.Id, at => Settle(intent, ExecutedUnder.SavedCard, decline, decision.Copies, at));
        }
        else
        {
            Settle(intent, ExecutedUnder.SavedCard, decline, decision.Copies, call.Now);
        }

        return intent.LastDecline is { } code
            ? new(402, Declined(intent, code))
            : ApiAnswer.Of(Views.Of(intent, call.Expands("latest_charge")));
    }

    private void Settle(Intent intent, ExecutedUnder under, string? decline, int copies, Instant at)
    {
        var card = intent.Card!;
        var charge = state.NewId("ch", intent.Id);
        decline ??= state.Bank.Pay(new BankEntry(
            intent.Order, null, card.Member, state.Account, new Money(intent.Amount, intent.Currency.ToUpperInvariant()), BankEntryKind.Payment, at, intent.Id, under)) switch
        {
            PaymentResult.Paid => null,
            PaymentResult.NotEnough => "insufficient_funds",
            PaymentResult.AccountClosed => "invalid_account",
            _ => throw new InvalidOperationException("No such result."),
        };
        intent.Charge = new CardCharge(charge, at, decline);
        if (decline is not null)
        {
            (intent.Status, intent.LastDecline, intent.Card) = ("requires_payment_method", decline, null);
            state.Bank.NoteFailure(new FailedAttempt(intent.Order, at, decline));
            messenger.Tell("payment_intent.payment_failed", Views.Of(intent), at, copies);
            return;
        }

        (intent.Status, intent.LastDecline) = ("succeeded", null);
        state.Balance.Add(new(state.NewId("txn", charge), at, intent, null));
        messenger.Tell("payment_intent.succeeded", Views.Of(intent), at, copies);
    }

    private static JsonObject Declined(Intent intent, string code)
    {
        var error = Views.Decline(code);
        error["charge"] = intent.Charge?.Id;
        error["payment_intent"] = Views.Of(intent);
        return new() { ["error"] = error };
    }

    private static ApiAnswer Unexpected(Intent intent)
    {
        var answer = ApiAnswer.Invalid($"This PaymentIntent has a status of {intent.Status}.", code: "payment_intent_unexpected_state");
        answer.Body["error"]!["payment_intent"] = Views.Of(intent);
        return answer;
    }
}
