using System.Diagnostics.Metrics;

namespace Renewals.Tests.Telemetry;

/// <summary>Makes meters, and says what their instruments are called and what they show.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, this);
        meters.Add(meter);
        return meter;
    }

    /// <summary>Every instrument, in the order in which they were made.</summary>
    public IReadOnlyList<Instrument> Instruments()
    {
        List<Instrument> all = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (meters.Contains(instrument.Meter))
                    all.Add(instrument);
            },
        };
        listener.Start();
        return all;
    }

    /// <summary>What the gauges show now: name, tags, value.</summary>
    public IReadOnlyList<(string Name, string Tags, double Value)> Gauges()
    {
        List<(string, string, double)> seen = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (meters.Contains(instrument.Meter))
                    all.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Add((instrument.Name, Text(tags), value)));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen.Add((instrument.Name, Text(tags), value)));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Add((instrument.Name, Text(tags), value)));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    public void Dispose() => meters.ForEach(meter => meter.Dispose());

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
}
