using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Gateways;
using Renewals.Gateways.Registration;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Registers WeChat Pay.</summary>
public static class WeChatPayServiceCollectionExtensions
{
    /// <summary>Adds one merchant account as <see cref="IPaymentGateway"/>, also keyed by the account as text (<c>wechat:1900000109</c>).</summary>
    /// <remarks>
    /// Call it once for each account. The options are checked when the host starts; a message names the field. A
    /// <see cref="TimeProvider"/> that is registered is used for every delay; without one, the system's.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; it runs more than once and must set the same each time.</param>
    /// <exception cref="ArgumentException">The account was added before.</exception>
    public static IServiceCollection AddWeChatPay(this IServiceCollection services, Action<WeChatPayOptions> configure) => services
        .AddRail<WeChatPayOptions, WeChatPayOptionsCheck, WeChatPayGateway>(
            configure, options => options.Account, (options, http, time, logs) => new(options, http, time, logs), Secure)
        .With<WeChatPayKeyRefresher>((gateway, options, time, log) => new(gateway, options, time, log));

    private static void Secure(WeChatPayOptions options, SocketsHttpHandler handler)
    {
        if (options.ClientCertificate is { } certificate)
            handler.SslOptions.ClientCertificates = new X509CertificateCollection { certificate };
    }
}
