using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Stripe;

/// <summary>Gives money back once, also when the rail has forgotten that it was asked to.</summary>
internal sealed class StripeRefunds(StripeOptions options, StripeClient client, TimeProvider time)
{
    /// <summary>Gives money back; a refund older than its key can be trusted is looked for first.</summary>
    public async Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation)
    {
        if (refund.RailTransaction.Length == 0)
            return new RefundAnswer.Refused("payment_intent", "the payment's number is not known");
        if (Instant.FromDateTimeOffset(time.GetUtcNow()) - refund.RequestedAt >= options.KeyIsTrustedFor
            && await QueryAsync(refund, cancellation) is not RefundAnswer.Missing and var known)
            return known;
        var answer = StripeVerdicts.JudgeRefund(
            await client.CallAsync(
                RailCall.Money, (v1, token) => v1.Refunds.CreateAsync(StripeMessages.Refund(refund), StripeMessages.Key(refund.Number), token), cancellation),
            refund);

        // "Already refunded" may be this very refund.
        return answer is RefundAnswer.Impossible && await QueryAsync(refund, cancellation) is not (RefundAnswer.Missing or RefundAnswer.Unknown) and var found ? found : answer;
    }

    /// <summary>Asks what became of a refund.</summary>
    public async Task<RefundAnswer> QueryAsync(RefundOrder refund, CancellationToken cancellation) => refund.RailTransaction.Length == 0
        ? new RefundAnswer.Unknown("the payment's number is not known")
        : StripeVerdicts.JudgeRefunds(
            await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.Refunds.ListAsync(StripeMessages.Refunds(refund.RailTransaction), null, token), cancellation),
            refund);
}
