using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Gateways;
using Renewals.Gateways.Registration;

namespace Renewals.Gateways.UnionPay;

/// <summary>Registers UnionPay collection.</summary>
public static class UnionPayServiceCollectionExtensions
{
    /// <summary>
    /// Adds one merchant account as <see cref="IPaymentGateway"/>, also keyed by the account as text (<c>unionpay:700000000000001</c>).
    /// </summary>
    /// <remarks>
    /// Call it once for each account. The options are checked when the host starts; a message names the field. A
    /// <see cref="TimeProvider"/> that is registered is used for every delay; without one, the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once and must set the same each time.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static IServiceCollection AddUnionPay(this IServiceCollection services, Action<UnionPayOptions> configure) => services
        .AddRail<UnionPayOptions, UnionPayOptionsCheck, UnionPayGateway>(
            configure, options => options.Account, (options, http, time, logs) => new(options, http, time, logs))
        .With<UnionPayCertificateRefresher>((gateway, options, time, log) => new(gateway, options, time, log));
}
