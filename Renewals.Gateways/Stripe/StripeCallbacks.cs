using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;

namespace Renewals.Gateways.Stripe;

/// <summary>Verifies and reads webhooks. Which events an endpoint gets is set at Stripe; those that are not in the table are about nothing of ours.</summary>
/// <remarks>
/// Webhooks come in any order and more than once, so only what can never change again is taken as said; the rest makes the question due.
/// A card removed by the member or on the dashboard (<c>payment_method.detached</c>) names no agreement of ours: it is learnt from the next
/// question or charge.
/// </remarks>
internal sealed class StripeCallbacks(StripeOptions options, StripeVerdicts verdicts)
{
    /// <summary>The largest body that is read: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Verifies and reads a webhook; nothing of one that fails a check is used.</summary>
    /// <param name="callback">The raw request.</param>
    /// <param name="now">The instant freshness is judged at.</param>
    public CallbackReading Read(Callback callback, Instant now)
    {
        if (callback.Body.Length > MaxBytes)
            return new CallbackReading.Rejected($"the body has more than {MaxBytes} bytes");
        if (StripeSignature.WhyNot(SignatureOf(callback), callback.Body.Span, options.WebhookSecrets, now, options.CallbackTolerance) is { } fault)
            return new CallbackReading.Rejected(fault);
        try
        {
            if (WhyForeign(callback.Body) is { } foreign)
                return new CallbackReading.Rejected(foreign);
            return Read(Sdk.EventUtility.ParseEvent(Strict.GetString(callback.Body.Span), throwOnApiVersionMismatch: false));
        }
        catch (Exception broken) when (broken is JsonException or DecoderFallbackException or Sdk.StripeException or ArgumentException or InvalidOperationException or FormatException)
        {
            return new CallbackReading.Rejected($"the body cannot be read: {broken.GetType().Name}");
        }
    }

    /// <summary>The answer: the rail looks at the status only.</summary>
    public static CallbackReply ReplyTo(bool received, string reason) => new(received ? 200 : 500, "text/plain", received ? "OK" : reason);

    // Before the library reads it: whose event, and of which mode.
    private string? WhyForeign(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        return root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("object", out var kind) || kind.ValueKind != JsonValueKind.String || !kind.ValueEquals("event")
                ? "not an event"
            : !root.TryGetProperty("livemode", out var live) || live.ValueKind != (options.LiveMode ? JsonValueKind.True : JsonValueKind.False)
                ? "of another mode (live, test)"
            : root.TryGetProperty("account", out var account) && !(account.ValueKind == JsonValueKind.String && account.ValueEquals(options.AccountId))
                ? "for another account"
            : null;
    }

    private CallbackReading Read(Sdk.Event news)
    {
        if (StripeWire.Time(news.Created) is not { } at)
            return new CallbackReading.Rejected("an event without its time");
        return (news.Type, news.Data?.Object) switch
        {
            ("payment_intent.succeeded" or "payment_intent.processing" or "payment_intent.payment_failed" or "payment_intent.canceled"
                or "payment_intent.requires_action", Sdk.PaymentIntent intent) => OfIntent(news, intent, at),
            ("setup_intent.succeeded", Sdk.SetupIntent intent) =>
                OfAgreement(news, intent.Metadata.Text(StripeWire.Agreement), StripeVerdicts.JudgeSetup(intent, at)),
            ("customer.deleted", Sdk.Customer customer) =>
                OfAgreement(news, customer.Metadata.Text(StripeWire.Agreement), new AgreementAnswer.Terminated(TerminationMode.Platform, at)),
            ("checkout.session.expired", Checkout.Session page) when page.Metadata.Text(StripeWire.Order) is { Length: > 0 } order =>
                new CallbackReading.OfCharge(order, StripeVerdicts.Unsure("the page expired")),
            ("checkout.session.completed" or "checkout.session.expired", Checkout.Session page) =>
                OfAgreement(news, page.ClientReferenceId ?? "", new AgreementAnswer.Pending()),
            ("refund.created" or "refund.updated" or "refund.failed" or "charge.refund.updated", Sdk.Refund refund) => OfRefund(news, refund),
            _ => NotOurs(news),
        };
    }

    // Of a kind we act not upon, or without a number of ours: an account may serve others too, and nobody need look.
    private static CallbackReading NotOurs(Sdk.Event news) => new CallbackReading.NothingForUs($"event {RailWords.Code(news.Type)}");

    private CallbackReading OfIntent(Sdk.Event news, Sdk.PaymentIntent intent, Instant at)
    {
        var order = intent.Metadata.Text(StripeWire.Order);
        return order.Length == 0 ? NotOurs(news) : new CallbackReading.OfCharge(order, Hear(verdicts.JudgeIntent(intent, order, at)), RailAgreementOf(intent));
    }

    // A payment made while signing belongs to an agreement whose payment method is not known yet.
    private static string? RailAgreementOf(Sdk.PaymentIntent intent) => intent.SetupFutureUsage is null
        ? StripeAgreementId.Of(intent.CustomerId, intent.PaymentMethodId)?.ToString()
        : null;

    private static ChargeAnswer Hear(IntentVerdict verdict) => verdict switch
    {
        // A webhook shows a cancelled payment without its charge, and so without the reason the question gives.
        IntentVerdict.Known { Answer.Outcome: ChargeOutcome.Declined declined } => StripeVerdicts.Unsure($"canceled: {declined.RailCode}"),
        IntentVerdict.Known known => known.Answer,
        IntentVerdict.StillPayable payable => StripeVerdicts.Unsure($"failed and not cancelled yet: {RailWords.Code(payable.Code)}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static CallbackReading OfAgreement(Sdk.Event news, string code, AgreementAnswer answer) => code.Length == 0 ? NotOurs(news) : new CallbackReading.OfAgreement(code, answer);

    private static CallbackReading OfRefund(Sdk.Event news, Sdk.Refund refund)
    {
        var (order, number) = (refund.Metadata.Text(StripeWire.Order), refund.Metadata.Text(StripeWire.Refund));
        return order.Length == 0 || number.Length == 0 ? NotOurs(news) : new CallbackReading.OfRefund(order, number, StripeVerdicts.JudgeRefund(refund));
    }

    private static string? SignatureOf(Callback callback)
    {
        foreach (var (name, value) in callback.Headers)
        {
            if (string.Equals(name, StripeSignature.Header, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}
