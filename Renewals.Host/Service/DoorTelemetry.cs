using System.Diagnostics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Renewals.Core.Engine;
using Renewals.Gateways.Resilience;
using Renewals.Host.Api;
using Renewals.Host.Webhooks;

namespace Renewals.Host.Service;

/// <summary>What the service counts, for Prometheus to read at <c>/metrics</c>; and, where a receiver is configured, what it counts and traces, sent by OTLP.</summary>
/// <remarks>
/// <c>/metrics</c> names accounts and sums, so it needs a right like the API. Without a receiver nobody listens to the engine's spans, and none is made. The
/// addresses that rails, the notifier and endpoints are called at are traced by nobody: agreement numbers and secrets stand in them.
/// </remarks>
internal static class DoorTelemetry
{
    // The engine's own, and what says whether the process, its database and its HTTP are well.
    private static readonly string[] Meters = ["Renewals", WebhookMetrics.MeterName, "Npgsql", "Polly", "System.Runtime", "Microsoft.AspNetCore.Hosting"];

    // What a caller may write anything into: a path that is no route, a query, its own name.
    private static readonly string[] FreeText = ["url.path", "url.query", "user_agent.original"];

    /// <summary>Adds the readers and exporters.</summary>
    public static void AddTo(WebApplicationBuilder builder, TelemetryTarget target)
    {
        // The standard's own variables, read by the exporter; nothing else of the environment gets into the door.
        foreach (var (name, value) in target.Standard)
            builder.Configuration[name] = value;
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddPrometheusExporter();
            if (target.Sends)
                metrics.AddOtlpExporter(options => Point(options, target, "v1/metrics"));
        });
        if (!target.Sends)
            return;
        if (!target.NamesService)
            telemetry.ConfigureResource(resource => resource.AddService("renewals", serviceInstanceId: $"{System.Environment.MachineName}:{System.Environment.ProcessId}"));
        telemetry.WithTracing(traces => traces
            .AddSource(EngineTraces.SourceName, RailTraces.SourceName)
            .SetSampler(SamplerOf(target.Ratio))
            .AddAspNetCoreInstrumentation(http =>
            {
                http.Filter = context => !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments(ApiEndpoints.Metrics);
                http.EnrichWithHttpRequest = (span, _) => Quiet(span);
                http.EnrichWithHttpResponse = (span, _) => Quiet(span);
            })
            .AddOtlpExporter(options => Point(options, target, "v1/traces")));
    }

    /// <summary>Adds the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint(ApiEndpoints.Metrics).For(ApiRole.Reader);

    /// <summary>What is kept: of orders as the engine decided, of requests as their caller did, of the rest this part.</summary>
    internal static Sampler SamplerOf(double ratio) => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio));

    /// <summary>Takes out of a request's span what its sender may have written; its route stays.</summary>
    internal static void Quiet(Activity span)
    {
        foreach (var tag in FreeText)
            span.SetTag(tag, null);
    }

    private static void Point(OtlpExporterOptions options, TelemetryTarget target, string path)
    {
        if (target.Address is not { } address)
            return;
        (options.Protocol, options.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new(address, path));
    }
}
