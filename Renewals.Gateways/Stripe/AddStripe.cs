using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Gateways;
using Renewals.Gateways.Registration;

namespace Renewals.Gateways.Stripe;

/// <summary>Registers Stripe.</summary>
public static class StripeServiceCollectionExtensions
{
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    /// <summary>Adds one account as <see cref="IPaymentGateway"/>, also keyed by the account as text (<c>stripe:acct_1…</c>).</summary>
    /// <remarks>
    /// Call it once for each account. The options are checked when the host starts; a message names the field. A
    /// <see cref="TimeProvider"/> that is registered is used for every delay; without one, the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once and must set the same each time.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static IServiceCollection AddStripe(this IServiceCollection services, Action<StripeOptions> configure) => services
        .AddRail<StripeOptions, StripeOptionsCheck, StripeGateway>(
            configure, options => options.Account, (options, http, time, logs) => new(options, http, time, logs),
            bound: client => client.MaxResponseContentBufferSize = MaxAnswerBytes)
        .Services;
}
