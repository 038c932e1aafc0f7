using System.Collections.Concurrent;

namespace Renewals.Host.Sandbox;

/// <summary>What happens to every call of a rail, whatever it is about: an outage, or a slow line.</summary>
internal sealed class SandboxWeather
{
    private readonly ConcurrentDictionary<string, bool> outages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TimeSpan> delays = new(StringComparer.Ordinal);

    /// <summary>Calls of a rail break off before they reach it, or reach it again.</summary>
    public void Outage(string rail, bool on) => outages[rail] = on;

    /// <summary>Every call of a rail waits so long, in real time, before it reaches it.</summary>
    public void Delay(string rail, TimeSpan delay) => delays[rail] = delay;

    /// <summary>Puts a rail's endpoints under the weather.</summary>
    public void Cover(IEndpointConventionBuilder endpoints, string rail) => endpoints.Add(endpoint =>
    {
        if (endpoint.RequestDelegate is not { } serve)
            return;
        endpoint.RequestDelegate = async context =>
        {
            if (delays.TryGetValue(rail, out var delay) && delay > TimeSpan.Zero)
                await Task.Delay(delay, TimeProvider.System, context.RequestAborted);
            if (outages.GetValueOrDefault(rail))
                context.Abort();
            else
                await serve(context);
        };
    });
}
