using OpenTelemetry.Metrics;
using Renewals.Host.Api;

namespace Renewals.Host.Service;

/// <summary>What the service counts, for Prometheus to read at <c>/metrics</c>. It names accounts and sums, so it needs a right like the API.</summary>
internal static class DoorMetrics
{
    // The engine's own, and what says whether the process, its database and its HTTP are well.
    private static readonly string[] Meters = ["Renewals", "Npgsql", "Polly", "System.Runtime", "Microsoft.AspNetCore.Hosting"];

    /// <summary>Adds the reader.</summary>
    public static void AddTo(IServiceCollection services) =>
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());

    /// <summary>Adds the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint(ApiEndpoints.Metrics).For(ApiRole.Reader);
}
