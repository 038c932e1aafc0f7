using System.Diagnostics;
using NodaTime;
using Renewals.Core.Gateways;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;
using static Renewals.Core.Gateways.AgreementAnswer;

namespace Renewals.Gateways.Stripe;

internal sealed partial record StripeVerdicts
{
    /// <summary>The saved payment method of an agreement that was signed.</summary>
    /// <remarks>
    /// In force while it is attached to its customer. Its card's expiry is no end: banks replace saved cards behind it. A method the rail
    /// no longer shows was removed with its customer.
    /// </remarks>
    public AgreementAnswer JudgeMethod(StripeReply<Sdk.PaymentMethod> reply, StripeAgreementId agreement) => reply switch
    {
        StripeReply<Sdk.PaymentMethod>.Answer answer => JudgeMethod(answer.Value, agreement),
        StripeReply<Sdk.PaymentMethod>.Error { Status: 404 } => new Terminated(TerminationMode.Unstated, null),
        StripeReply<Sdk.PaymentMethod>.Error { Status: 400 or 401 or 403 } error => new Refused(error.Code, error.Why),
        _ => new Unknown(reply.Fault),
    };

    /// <summary>The answer to detaching: the method without a customer.</summary>
    public AgreementAnswer JudgeDetach(StripeReply<Sdk.PaymentMethod> reply, StripeAgreementId agreement) =>
        JudgeMethod(reply, agreement) is Terminated ended && reply is StripeReply<Sdk.PaymentMethod>.Answer
            ? ended with { Mode = TerminationMode.Merchant }
            : JudgeMethod(reply, agreement);

    /// <summary>The pages an agreement was to be signed on: none, one, or one again after its key was forgotten.</summary>
    public AgreementAnswer JudgeSigning(IReadOnlyCollection<Checkout.Session> pages, string customer, string signingCode)
    {
        var ours = pages.Where(page => page.ClientReferenceId == signingCode && page.Livemode == LiveMode).ToList();
        if (ours.Find(page => page.Status == "complete") is { } signed)
            return OfSigned(signed, customer);
        return ours.Exists(page => page.Status == "open") ? new Pending() : new NotFound();
    }

    /// <summary>A signing as a webhook tells it (<c>setup_intent.succeeded</c>).</summary>
    /// <param name="intent">The signing.</param>
    /// <param name="at">The webhook's own time.</param>
    public static AgreementAnswer JudgeSetup(Sdk.SetupIntent intent, Instant at) =>
        intent.Status == "succeeded" && StripeAgreementId.Of(intent.CustomerId, intent.PaymentMethodId) is { } id
            ? new Active(id.ToString(), id.Customer, at, null)
            : new Unknown($"status {intent.Status}");

    private static AgreementAnswer OfSigned(Checkout.Session page, string customer)
    {
        var (status, method) = page.Mode == "setup"
            ? (page.SetupIntent?.Status, page.SetupIntent?.PaymentMethod)
            : (page.PaymentIntent?.Status, page.PaymentIntent?.PaymentMethod);
        return (status, method) switch
        {
            ("succeeded", { Id.Length: > 0 }) => JudgeMethod(method, new(customer, method.Id)),

            // Paid or saved later; no card is.
            ("processing" or "requires_action", _) => new Pending(),
            _ => new Unknown($"a complete page whose intent is {status ?? "absent"}"),
        };
    }

    private static AgreementAnswer JudgeMethod(Sdk.PaymentMethod method, StripeAgreementId agreement) => method switch
    {
        _ when method.Id != agreement.Method => new Unknown("the answer is for another payment method"),
        { CustomerId: null or "" } => new Terminated(TerminationMode.Unstated, null),
        _ when method.CustomerId != agreement.Customer => new Unknown("the payment method belongs to another customer"),
        _ => StripeWire.Time(method.Created) is { } at
            ? new Active(agreement.ToString(), agreement.Customer, at, null)
            : new Unknown("a payment method without its time"),
    };
}
