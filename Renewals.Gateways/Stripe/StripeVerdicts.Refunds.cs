using Renewals.Core.Gateways;
using Sdk = Stripe;
using static Renewals.Core.Gateways.RefundAnswer;

namespace Renewals.Gateways.Stripe;

internal sealed partial record StripeVerdicts
{
    /// <summary>The answer to a refund.</summary>
    public static RefundAnswer JudgeRefund(StripeReply<Sdk.Refund> reply, RefundOrder refund) => reply switch
    {
        StripeReply<Sdk.Refund>.Answer answer => answer.Value.Metadata.Text(StripeWire.Refund) == refund.Number.ToString()
            ? JudgeRefund(answer.Value)
            : new Unknown("the answer is for another refund"),
        StripeReply<Sdk.Refund>.Error { Repeated: false } error => OfRefundError(error),
        _ => new Unknown(reply.Fault),
    };

    /// <summary>The refunds of a payment, as the rail lists them.</summary>
    public static RefundAnswer JudgeRefunds(StripeReply<Sdk.StripeList<Sdk.Refund>> reply, RefundOrder refund) => reply switch
    {
        StripeReply<Sdk.StripeList<Sdk.Refund>>.Answer { Value: { HasMore: false } list } =>
            list.Data.Find(known => known.Metadata.Text(StripeWire.Refund) == refund.Number.ToString()) is { } found ? JudgeRefund(found) : new Missing(),
        StripeReply<Sdk.StripeList<Sdk.Refund>>.Answer => new Unknown("a payment with more refunds than there can be"),
        _ => new Unknown(reply.Fault),
    };

    /// <summary>A refund as the rail shows it.</summary>
    public static RefundAnswer JudgeRefund(Sdk.Refund refund) => refund.Status switch
    {
        "succeeded" => StripeWire.Amount(refund.Amount, refund.Currency) is { } amount && refund.Id is { Length: > 0 } && StripeWire.Time(refund.Created) is { } at
            ? new Refunded(amount, refund.Id, at)
            : new Unknown("a refund without amount, number or time"),
        "pending" or "requires_action" => new Pending(refund.Status),

        // The money could not reach the member and is back with the merchant.
        "failed" or "canceled" => new Impossible(refund.FailureReason ?? refund.Status, "the refund did not reach the member"),
        var status => new Unknown($"status {status}"),
    };

    private static RefundAnswer OfRefundError(StripeReply<Sdk.Refund>.Error error) => (error.Status, error.Details.Code) switch
    {
        (_, "charge_already_refunded" or "charge_disputed") => new Impossible(error.Code, error.Why),
        _ when error.Details.Type == "idempotency_error" => new Unknown(error.Why),

        // Funds are short, or the key may not refund: the same number works once that is mended.
        (400 or 401 or 402 or 403 or 404, _) => new Refused(error.Code, error.Why),
        _ => new Unknown(error.Why),
    };
}
