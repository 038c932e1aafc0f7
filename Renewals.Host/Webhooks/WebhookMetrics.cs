using System.Diagnostics.Metrics;
using Renewals.Core.Engine;

namespace Renewals.Host.Webhooks;

/// <summary>What there is to count of webhooks, on the meter <c>Renewals.Webhooks</c>. It stands in the ledger, so every host says the same.</summary>
internal sealed class WebhookMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Renewals.Webhooks";

    private readonly EngineClock clock;
    private volatile IReadOnlyList<EndpointStand> known = [];

    /// <summary>Creates the instruments.</summary>
    public WebhookMetrics(IMeterFactory meters, EngineClock clock)
    {
        this.clock = clock;
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("renewals.webhooks.waiting", () => Each(stand => stand.Waiting), "{event}", "Events that failed at an endpoint and are tried again, or wait behind such a one.");
        meter.CreateObservableGauge("renewals.webhooks.dead", () => Each(stand => stand.Dead), "{event}", "Events that were given up at an endpoint and can still be sent again.");
        meter.CreateObservableGauge("renewals.webhooks.oldest", () => Each(AgeOf), "s", "How long ago the oldest event happened that did not get to an endpoint yet; 0: all did.");
    }

    /// <summary>What was seen last.</summary>
    public IReadOnlyList<EndpointStand> Known
    {
        set => known = value;
    }

    private double AgeOf(EndpointStand stand) => stand.OldestAt is { } at ? Math.Max(0, (clock.Now - at).TotalSeconds) : 0;

    private IEnumerable<Measurement<T>> Each<T>(Func<EndpointStand, T> value)
        where T : struct => known.Select(stand => new Measurement<T>(value(stand), new KeyValuePair<string, object?>("endpoint", stand.Name)));
}
