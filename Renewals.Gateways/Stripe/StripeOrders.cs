using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;

namespace Renewals.Gateways.Stripe;

/// <summary>Takes, finds and settles the payment of one order.</summary>
internal sealed class StripeOrders(StripeOptions options, StripeClient client, StripeCustomers customers, StripeVerdicts verdicts, TimeProvider time)
{
    // One customer serves one agreement: a hundred payments are eight years of months. The bound is for a list that never ends.
    private const int MostPages = 20;

    /// <summary>Takes the money.</summary>
    /// <remarks>
    /// Stripe forgets an idempotency key after a day and would then make a second payment under it. So an order that is older than its key
    /// can be trusted is looked for first, in the customer's list, and sent only when the list is whole and has it not.
    /// </remarks>
    public async Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation)
    {
        if (StripeAgreementId.Parse(order.Agreement.RailAgreementId) is not { } agreement)
            return new(new ChargeOutcome.Refused("payment_method", "the agreement has no payment method yet"));
        if (Now() - order.RequestedAt >= options.KeyIsTrustedFor
            && await FindAsync(order, agreement.Customer, cancellation) is { Outcome: not ChargeOutcome.Missing } known)
            return known;
        var reply = await client.CallAsync(
            RailCall.Money, (v1, token) => v1.PaymentIntents.CreateAsync(StripeMessages.Intent(order, agreement), StripeMessages.Key(order.Number), token), cancellation);
        return await SettleAsync(verdicts.JudgeCharge(reply, order), order, cancellation);
    }

    /// <summary>Asks what became of an order.</summary>
    public async Task<ChargeAnswer> QueryAsync(ChargeOrder order, CancellationToken cancellation) => order.PaidWhileSigning
        ? (await PageAsync(order, cancellation)).Answer
        : StripeAgreementId.Parse(order.Agreement.RailAgreementId) is { } agreement
            ? await FindAsync(order, agreement.Customer, cancellation)
            : StripeVerdicts.Unsure("the agreement has no payment method yet");

    /// <summary>Closes the page of an order that was to be paid while signing; a charge without the member cannot be stopped, only followed to its end.</summary>
    public async Task<ChargeAnswer> StopAsync(ChargeOrder order, CancellationToken cancellation)
    {
        if (!order.PaidWhileSigning)
            return await QueryAsync(order, cancellation);
        var (answer, page) = await PageAsync(order, cancellation);
        if (page is not { Status: "open" })
            return answer;
        await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.Checkout.Sessions.ExpireAsync(page.Id, null, null, token), cancellation);

        // Whatever came back: the page may have been paid at the last moment. Its own state counts.
        return (await PageAsync(order, cancellation)).Answer;
    }

    private async Task<ChargeAnswer> FindAsync(ChargeOrder order, string customer, CancellationToken cancellation)
    {
        var number = order.Number.ToString();
        List<Sdk.PaymentIntent> found = [];
        string? after = null;
        for (var page = 0; page < MostPages; page++)
        {
            var reply = await client.CallAsync(
                RailCall.Repeatable, (v1, token) => v1.PaymentIntents.ListAsync(StripeMessages.Intents(customer, after), null, token), cancellation);
            if (reply is not StripeReply<Sdk.StripeList<Sdk.PaymentIntent>>.Answer { Value: { } list })
                return StripeVerdicts.Unsure($"the payments could not be listed: {reply.Fault}");
            found.AddRange(list.Data.Where(intent => intent.Metadata.Text(StripeWire.Order) == number));
            if (!list.HasMore)
                return found.Count == 0 ? new(new ChargeOutcome.Missing()) : await SettleAsync(verdicts.JudgeIntent(MostTelling(found), number), order, cancellation);
            after = list.Data[^1].Id;
        }

        return StripeVerdicts.Unsure("the customer has more payments than were read");
    }

    // There is one. If ever there were two, money taken is not overlooked for one that failed.
    private static Sdk.PaymentIntent MostTelling(List<Sdk.PaymentIntent> found) =>
        found.FindLast(intent => intent.Status == "succeeded") ?? found.FindLast(intent => intent.Status == "processing") ?? found[^1];

    private async Task<ChargeAnswer> SettleAsync(IntentVerdict verdict, ChargeOrder order, CancellationToken cancellation)
    {
        switch (verdict)
        {
            case IntentVerdict.Known known:
                return known.Answer;
            case IntentVerdict.StillPayable payable:
                var reply = await client.CallAsync(
                    RailCall.Repeatable, (v1, token) => v1.PaymentIntents.CancelAsync(payable.Intent, StripeMessages.Cancel(), null, token), cancellation);
                return verdicts.JudgeCancel(reply, payable, order.Number.ToString());
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Task<(ChargeAnswer Answer, Checkout.Session? Page)> PageAsync(ChargeOrder order, CancellationToken cancellation)
    {
        var number = order.Number.ToString();
        var (reply, _) = await customers.SessionsAsync(order.Agreement.Agreement, order.Agreement.StartedAt, cancellation);
        if (reply is not StripeReply<IReadOnlyList<Checkout.Session>>.Answer { Value: { } pages })
            return (StripeVerdicts.Unsure($"the pages could not be listed: {reply.Fault}"), null);
        var ours = pages.Where(page => page.Metadata.Text(StripeWire.Order) == number).ToList();
        var page = ours.Find(page => page.Status == "complete") ?? ours.Find(page => page.Status == "open") ?? ours.FirstOrDefault();
        return (verdicts.JudgeCashier(page, number), page);
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
