using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Renewals.Core.Engine;
using Renewals.Tests.Support;

namespace Renewals.Tests.Telemetry;

/// <summary>Keeps every span that ended of the sources it is told, as an exporter would, and of no other test's.</summary>
internal sealed class SpanCatcher : IDisposable
{
    private readonly ActivityListener listener = new();
    private readonly ConcurrentQueue<Activity> ended = new();

    public SpanCatcher(Func<ActivitySource, bool> listens, Func<ActivityContext, bool>? keeps = null)
    {
        listener.ShouldListenTo = source => listens(source);
        listener.Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            keeps is null || keeps(options.Parent) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None;
        listener.ActivityStopped = ended.Enqueue;
        ActivitySource.AddActivityListener(listener);
    }

    public IReadOnlyList<Activity> Spans => [.. ended];

    /// <summary>Of these engines.</summary>
    public static SpanCatcher Of(params TestHost[] hosts)
    {
        var mine = hosts.Select(host => host.Services.GetRequiredService<EngineTraces>().Source).ToHashSet();
        return new(mine.Contains);
    }

    /// <summary>Of one trace, in the order in which they ended.</summary>
    public IReadOnlyList<Activity> Of(ActivityTraceId trace) => [.. ended.Where(span => span.TraceId == trace)];

    public IReadOnlyList<Activity> Named(string name) => [.. ended.Where(span => span.OperationName == name)];

    public void Dispose() => listener.Dispose();
}

internal static class SpanReading
{
    /// <summary>A tag as text; null: it has none.</summary>
    public static string? Text(this Activity span, string tag) => span.GetTagItem(tag)?.ToString();
}
