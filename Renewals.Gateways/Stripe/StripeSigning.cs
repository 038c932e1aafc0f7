using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;

namespace Renewals.Gateways.Stripe;

/// <summary>Agreements: the page a member signs on, what came of it, and its end.</summary>
/// <remarks>Who pays while signing also signs: Stripe's page has no switch to pay without saving the card.</remarks>
internal sealed class StripeSigning(StripeClient client, StripeMessages messages, StripeCustomers customers, StripeVerdicts verdicts)
{
    /// <summary>Prepares what the member sees.</summary>
    public async Task<SigningAnswer> StartAsync(SigningRequest request, CancellationToken cancellation)
    {
        var made = await customers.MakeAsync(request.Agreement, cancellation);
        if (made is not StripeReply<Sdk.Customer>.Answer { Value.Id: { Length: > 0 } customer })
            return NoPage(made);
        var reply = await client.CallAsync(
            RailCall.Repeatable,
            (v1, token) => v1.Checkout.Sessions.CreateAsync(
                messages.Session(request, customer), StripeMessages.Key($"signing-{request.Agreement.SigningCode}"), token),
            cancellation);
        return reply is StripeReply<Checkout.Session>.Answer { Value.Url: var url }
            ? Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
                ? new SigningAnswer.Ready(new SigningPage.Redirect(address))
                : new SigningAnswer.Unknown("the page has no address")
            : NoPage(reply);
    }

    /// <summary>Asks for an agreement: by its payment method, or by the pages it was to be signed on.</summary>
    public async Task<AgreementAnswer> QueryAsync(AgreementOrder agreement, CancellationToken cancellation)
    {
        if (StripeAgreementId.Parse(agreement.RailAgreementId) is { } id)
            return verdicts.JudgeMethod(await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.PaymentMethods.GetAsync(id.Method, null, null, token), cancellation), id);
        var (reply, customer) = await customers.SessionsAsync(agreement.Agreement, agreement.StartedAt, cancellation);
        return reply is StripeReply<IReadOnlyList<Checkout.Session>>.Answer { Value: { } pages }
            ? verdicts.JudgeSigning(pages, customer, agreement.Agreement.SigningCode)
            : NotKnown(reply);
    }

    /// <summary>Ends an agreement: the payment method is detached for good; a page that is still open is closed.</summary>
    public async Task<AgreementAnswer> EndAsync(AgreementOrder agreement, CancellationToken cancellation)
    {
        if (StripeAgreementId.Parse(agreement.RailAgreementId) is { } known)
            return await DetachAsync(known, cancellation);
        var (reply, customer) = await customers.SessionsAsync(agreement.Agreement, agreement.StartedAt, cancellation);
        if (reply is not StripeReply<IReadOnlyList<Checkout.Session>>.Answer { Value: { } pages })
            return NotKnown(reply);
        var closed = 0;
        foreach (var page in pages.Where(page => page.Status == "open"))
            closed += await CloseAsync(page, cancellation) ? 1 : 0;

        // Asked anew: the member may have confirmed while the page was being closed.
        return await QueryAsync(agreement, cancellation) switch
        {
            AgreementAnswer.Active active when StripeAgreementId.Parse(active.RailAgreementId) is { } signed => await DetachAsync(signed, cancellation),
            AgreementAnswer.NotFound when closed > 0 => new AgreementAnswer.Terminated(TerminationMode.Merchant, null),
            var answer => answer,
        };
    }

    private async Task<AgreementAnswer> DetachAsync(StripeAgreementId id, CancellationToken cancellation)
    {
        var answer = verdicts.JudgeDetach(
            await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.PaymentMethods.DetachAsync(id.Method, null, null, token), cancellation), id);
        if (answer is AgreementAnswer.Terminated)
            return answer;

        // Detaching a detached one is refused without a code of its own; its state is certain.
        return await QueryAsync(new AgreementOrder(default, "", id.ToString()), cancellation) is AgreementAnswer.Terminated ended ? ended : answer;
    }

    private async Task<bool> CloseAsync(Checkout.Session page, CancellationToken cancellation) =>
        await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.Checkout.Sessions.ExpireAsync(page.Id, null, null, token), cancellation)
            is StripeReply<Checkout.Session>.Answer { Value.Status: "expired" };

    private static AgreementAnswer NotKnown<T>(StripeReply<T> reply) => reply is StripeReply<T>.Error { Status: 401 or 403 } error
        ? new AgreementAnswer.Refused(error.Code, error.Why)
        : new AgreementAnswer.Unknown(reply.Fault);

    private static SigningAnswer NoPage<T>(StripeReply<T> reply) => reply switch
    {
        // The page would have to end sooner than Stripe allows: this signing is nearly over; a new one can be started.
        StripeReply<T>.Error { Details.Param: "expires_at" } error => new SigningAnswer.Unknown(error.Why),
        StripeReply<T>.Error { Status: >= 400 and < 500 and not (409 or 429), Details.Type: not "idempotency_error" } error =>
            new SigningAnswer.Refused(error.Code, error.Why),
        _ => new SigningAnswer.Unknown(reply.Fault is { Length: > 0 } why ? why : "the answer has no id"),
    };
}
