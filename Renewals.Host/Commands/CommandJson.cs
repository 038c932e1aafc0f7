using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Serialization.SystemTextJson;

namespace Renewals.Host.Commands;

/// <summary>The one form of what commands print with <c>--json</c>: camel case, kebab-case words, ISO instants and dates; ids and accounts as text.</summary>
internal static class CommandJson
{
    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    }.ConfigureForNodaTime(DateTimeZoneProviders.Tzdb);

    /// <summary>Prints a value as one line.</summary>
    public static void Print<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Options));
}

/// <summary>Says each step, at once and in order.</summary>
internal sealed class SaidProgress(TextWriter writer) : IProgress<string>
{
    /// <inheritdoc/>
    public void Report(string value) => writer.WriteLine(value);
}

/// <summary>Says every so often how far a long reading is.</summary>
/// <remarks>At once and in order, unlike <see cref="Progress{T}"/>, which reports from other threads whenever they are free.</remarks>
internal sealed class CountedProgress(TextWriter writer, string what) : IProgress<long>
{
    private const long Step = 10_000;
    private long said;

    /// <inheritdoc/>
    public void Report(long value)
    {
        if (value - said < Step)
            return;
        said = value;
        writer.WriteLine($"{value:N0} {what} so far");
    }
}
