using System.Diagnostics;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;
using static Renewals.Core.Charging.ChargeOutcome;

namespace Renewals.Gateways.Stripe;

/// <summary>What is known of a payment.</summary>
internal abstract record IntentVerdict
{
    private IntentVerdict()
    {
    }

    /// <summary>An answer as it stands.</summary>
    public sealed record Known(ChargeAnswer Answer) : IntentVerdict;

    /// <summary>It failed, or waits for somebody, and could still be paid: it must be cancelled before it may be called declined.</summary>
    public sealed record StillPayable(string Intent, DeclineReason Reason, string Code) : IntentVerdict;
}

/// <summary>What the rail's answers mean: pure functions of an answer and the order it is about, without HTTP.</summary>
/// <remarks>
/// An answer that is not about our mode and order says nothing. A state or code that is not in the tables says nothing either: it is asked
/// about, never acted upon. A payment that failed is back in <c>requires_payment_method</c> and could be confirmed again
/// (docs.stripe.com/payments/paymentintents/lifecycle), so it is not declined until it is <c>canceled</c>.
/// </remarks>
/// <param name="LiveMode">Whether our key moves real money.</param>
internal sealed partial record StripeVerdicts(bool LiveMode)
{
    /// <summary>The answer to a charge.</summary>
    public IntentVerdict JudgeCharge(StripeReply<Sdk.PaymentIntent> reply, ChargeOrder order) => reply switch
    {
        StripeReply<Sdk.PaymentIntent>.Answer answer => JudgeIntent(answer.Value, order.Number.ToString()),
        StripeReply<Sdk.PaymentIntent>.NotSent notSent => Say(new NotSent(notSent.Why)),
        StripeReply<Sdk.PaymentIntent>.Unclear unclear => Ask(unclear.Why),
        StripeReply<Sdk.PaymentIntent>.Error error => OfError(error, order),
        _ => throw new UnreachableException(),
    };

    /// <summary>A payment as the rail shows it.</summary>
    /// <param name="intent">The payment.</param>
    /// <param name="number">The order it must be of.</param>
    /// <param name="heardAt">When it was told, where the payment is shown without its charge and so without its own time.</param>
    /// <param name="code">The code beside it, where an error carries both.</param>
    public IntentVerdict JudgeIntent(Sdk.PaymentIntent intent, string number, Instant? heardAt = null, string? code = null) =>
        intent.Livemode != LiveMode ? Ask("the answer is of another mode (live, test)")
        : intent.Metadata.Text(StripeWire.Order) != number ? Ask("the answer is for another order")
        : intent.Status switch
        {
            "succeeded" => Paid(intent, heardAt),
            "processing" => Say(new Pending("processing")),
            "canceled" => Say(Declined(intent, StripeDeclines.CodeOf(intent) ?? code)),
            "requires_payment_method" or "requires_confirmation" or "requires_action" => Payable(intent, StripeDeclines.CodeOf(intent) ?? code),
            var status => Ask($"status {RailWords.Code(status ?? "")}"),
        };

    /// <summary>The answer to cancelling a payment that could still be paid.</summary>
    /// <returns>Never <see cref="IntentVerdict.StillPayable"/>: what could not be cancelled is asked about.</returns>
    public ChargeAnswer JudgeCancel(StripeReply<Sdk.PaymentIntent> reply, IntentVerdict.StillPayable payable, string number)
    {
        // A refused cancel shows the payment as it is: paid meanwhile, or cancelled before.
        var shown = reply switch
        {
            StripeReply<Sdk.PaymentIntent>.Answer answer => answer.Value,
            StripeReply<Sdk.PaymentIntent>.Error error => error.Details.PaymentIntent,
            _ => null,
        };
        if (shown is null || shown.Id != payable.Intent)
            return Unsure($"it failed ({RailWords.Code(payable.Code)}) and could not be cancelled: {reply.Fault}");
        return JudgeIntent(shown, number, code: payable.Code) switch
        {
            IntentVerdict.Known { Answer: { Outcome: ChargeOutcome.Declined } } => new(new Declined(payable.Reason, payable.Code)),
            IntentVerdict.Known known => known.Answer,
            IntentVerdict.StillPayable => Unsure($"it failed ({RailWords.Code(payable.Code)}) and is still {RailWords.Code(shown.Status ?? "")}"),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The page an order was to be paid on while signing.</summary>
    public ChargeAnswer JudgeCashier(Checkout.Session? page, string number) => page switch
    {
        null => new(new Missing()),
        _ when page.Livemode != LiveMode || page.Metadata.Text(StripeWire.Order) != number => Unsure("the answer is for another order or mode"),

        // The member may try another card until the page is closed.
        { Status: "open" } => new(new Pending("open")),
        { Status: "expired" } => new(new Declined(DeclineReason.OrderClosed, "expired")),
        { Status: "complete", PaymentIntent: { } intent } => JudgeIntent(intent, number) switch
        {
            IntentVerdict.Known known => known.Answer,
            IntentVerdict.StillPayable payable => new(new Pending(payable.Code)),
            _ => throw new UnreachableException(),
        },
        _ => Unsure($"page {RailWords.Code(page.Status ?? "")}"),
    };

    private static IntentVerdict Paid(Sdk.PaymentIntent intent, Instant? heardAt) =>
        StripeWire.Amount(intent.AmountReceived, intent.Currency) is { } amount && intent.Id is { Length: > 0 } id
        && (StripeWire.Time(intent.LatestCharge?.Created) ?? heardAt ?? StripeWire.Time(intent.Created)) is { } at
            ? Say(new Succeeded(amount, id, at))
            : Ask("a payment without amount, number or time");

    private static IntentVerdict Payable(Sdk.PaymentIntent intent, string? code) =>
        new IntentVerdict.StillPayable(intent.Id, code is null ? DeclineReason.Other : StripeDeclines.ReasonOf(intent, code), code ?? intent.Status);

    private static Declined Declined(Sdk.PaymentIntent intent, string? code) =>
        code is null ? new(DeclineReason.OrderClosed, "canceled") : new(StripeDeclines.ReasonOf(intent, code), code);

    private IntentVerdict OfError(StripeReply<Sdk.PaymentIntent>.Error error, ChargeOrder order) => (error.Status, error.Details) switch
    {
        (_, { PaymentIntent: { } intent }) => JudgeIntent(intent, order.Number.ToString(), code: error.Code),

        // The refusal of a repeat says nothing of the lost first try.
        _ when error.Repeated => Ask($"a repeat was refused: {error.Why}"),
        (402, _) => Hint(StripeDeclines.ReasonOf(error.Code), error.Code),

        // Other parameters under a key that is known: the order stands, in a form only a question tells.
        (_, { Type: "idempotency_error" }) => Ask(error.Why),

        // The saved card was detached or deleted: nothing was made. The question for the order proves it.
        (400 or 404, { Param: "payment_method" or "customer" }) => Hint(DeclineReason.AgreementNotInForce, error.Code),
        (400 or 401 or 403 or 404, _) => Say(new Refused(error.Code, error.Why)),

        // 409 another try is under way; 429 too many calls; 5xx is "indeterminate" by Stripe's own word, and is remembered under the key.
        _ => Ask(error.Why),
    };

    private static IntentVerdict.Known Say(ChargeOutcome outcome) => new(new ChargeAnswer(outcome));

    private static IntentVerdict.Known Hint(DeclineReason reason, string code) => new(new(new Declined(reason, code), Evidence.Hint));

    private static IntentVerdict.Known Ask(string why) => new(Unsure(why));

    /// <summary>Nothing is known; a reason to ask.</summary>
    public static ChargeAnswer Unsure(string why) => new(new Unknown(why), Evidence.Hint);
}
