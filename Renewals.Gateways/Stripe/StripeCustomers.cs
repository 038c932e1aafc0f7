using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Gateways.Resilience;
using Sdk = Stripe;
using Checkout = Stripe.Checkout;

namespace Renewals.Gateways.Stripe;

/// <summary>Finds the customer of an agreement, and what it was shown.</summary>
/// <remarks>
/// While the rail keeps the idempotency key, making the customer again gives the one there is: an answer without the search's lag. An agreement
/// nobody started gets an empty customer by it, which moves nothing. Later the search knows everything.
/// </remarks>
internal sealed class StripeCustomers(StripeOptions options, StripeClient client, TimeProvider time)
{
    /// <summary>The customer's id; null when the rail surely has none.</summary>
    /// <param name="agreement">Our agreement.</param>
    /// <param name="startedAt">When its signing began: its key was used then for the first time.</param>
    /// <param name="cancellation">Stops the call.</param>
    public async Task<StripeReply<string?>> FindAsync(AgreementId agreement, Instant startedAt, CancellationToken cancellation) =>
        Now() - startedAt < options.KeyIsTrustedFor
            ? Map<Sdk.Customer, string?>(await MakeAsync(agreement, cancellation), customer => customer.Id)
            : Map<Sdk.StripeSearchResult<Sdk.Customer>, string?>(
                await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.Customers.SearchAsync(StripeMessages.CustomerSearch(agreement), null, token), cancellation),
                found => found.Data.FirstOrDefault()?.Id);

    /// <summary>Makes the customer, or gives the one the same key made.</summary>
    public Task<StripeReply<Sdk.Customer>> MakeAsync(AgreementId agreement, CancellationToken cancellation) => client.CallAsync(
        RailCall.Repeatable,
        (v1, token) => v1.Customers.CreateAsync(StripeMessages.Customer(agreement), StripeMessages.Key($"customer-{agreement.SigningCode}"), token), cancellation);

    /// <summary>Every page this customer was shown.</summary>
    public async Task<StripeReply<IReadOnlyList<Checkout.Session>>> SessionsAsync(string customer, CancellationToken cancellation) =>
        await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.Checkout.Sessions.ListAsync(StripeMessages.Sessions(customer), null, token), cancellation) switch
        {
            StripeReply<Sdk.StripeList<Checkout.Session>>.Answer { Value.HasMore: true } => new StripeReply<IReadOnlyList<Checkout.Session>>.Unclear("more pages than one agreement can have"),
            var reply => Map<Sdk.StripeList<Checkout.Session>, IReadOnlyList<Checkout.Session>>(reply, list => list.Data),
        };

    /// <summary>Every page of an agreement, found by our code alone.</summary>
    public async Task<(StripeReply<IReadOnlyList<Checkout.Session>> Sessions, string Customer)> SessionsAsync(
        AgreementId agreement, Instant startedAt, CancellationToken cancellation) => await FindAsync(agreement, startedAt, cancellation) switch
    {
        StripeReply<string?>.Answer { Value: { } customer } => (await SessionsAsync(customer, cancellation), customer),
        StripeReply<string?>.Answer => (new StripeReply<IReadOnlyList<Checkout.Session>>.Answer([]), ""),
        var reply => (Map<string?, IReadOnlyList<Checkout.Session>>(reply, _ => []), ""),
    };

    private static StripeReply<TTo> Map<TFrom, TTo>(StripeReply<TFrom> reply, Func<TFrom, TTo> map) => reply switch
    {
        StripeReply<TFrom>.Answer answer => new StripeReply<TTo>.Answer(map(answer.Value)),
        StripeReply<TFrom>.Error error => new StripeReply<TTo>.Error(error.Status, error.Details, error.Repeated),
        StripeReply<TFrom>.Unclear unclear => new StripeReply<TTo>.Unclear(unclear.Why),
        StripeReply<TFrom>.NotSent notSent => new StripeReply<TTo>.NotSent(notSent.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
