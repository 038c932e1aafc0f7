using System.Net;
using Sdk = Stripe;

namespace Renewals.Gateways.Stripe;

/// <summary>Carries the library's requests on clients of our own factory, one try each: repeats belong to the pipeline around it.</summary>
internal sealed class StripeTransport(Func<HttpClient> http) : Sdk.IHttpClient
{
    /// <summary>How often the library may repeat a request by itself: never.</summary>
    public const int MaxNetworkRetries = 0;

    private static readonly Sdk.AppInfo Us = new() { Name = "Renewals", Version = "0.1" };

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The network failed, or something before the rail answered in its place.</exception>
    public async Task<Sdk.StripeResponse> MakeRequestAsync(Sdk.StripeRequest request, CancellationToken cancellationToken = default)
    {
        var response = await OneTry().MakeRequestAsync(request, cancellationToken);
        return response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? throw new HttpRequestException($"HTTP {(int)response.StatusCode} before the rail", null, response.StatusCode)
            : response;
    }

    /// <inheritdoc/>
    public Task<Sdk.StripeStreamedResponse> MakeStreamingRequestAsync(Sdk.StripeRequest request, CancellationToken cancellationToken = default) =>
        OneTry().MakeStreamingRequestAsync(request, cancellationToken);

    // Without telemetry: it would put the last call's duration into the next one, and a repeat would not be the same bytes.
    private Sdk.SystemNetHttpClient OneTry() => new(http(), MaxNetworkRetries, Us, enableTelemetry: false);
}
