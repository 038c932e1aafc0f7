using System.ComponentModel.DataAnnotations;

namespace Renewals.Host.Service;

/// <summary>Where traces and metrics are sent, as it was written; <see cref="TelemetryTarget"/> reads and checks it.</summary>
internal sealed class TelemetrySettings
{
    /// <summary>The address of an OTLP receiver, by HTTP, such as <c>http://127.0.0.1:4318</c>. Default none: nothing is sent anywhere.</summary>
    public string? Otlp { get; set; }

    /// <summary>The part of the traces that is sent, decided from the order's number, so that hosts of one ratio send the same. Default 1: all; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 1;
}

/// <summary>Where traces and metrics are sent, after every check.</summary>
/// <param name="Address">The receiver of the settings, with a slash at its end; null: none is named there.</param>
/// <param name="Ratio">The part of the traces that is sent.</param>
/// <param name="Standard">The variables of OpenTelemetry's own standard (<c>OTEL_…</c>) that are set.</param>
internal sealed record TelemetryTarget(Uri? Address, double Ratio, IReadOnlyDictionary<string, string?> Standard)
{
    private const string Prefix = "OTEL_";

    private static readonly string[] Receivers = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Nowhere.</summary>
    public static TelemetryTarget None { get; } = new(null, 1, new Dictionary<string, string?>());

    /// <summary>Whether anything is sent.</summary>
    public bool Sends => Address is not null || Receivers.Any(name => !string.IsNullOrEmpty(Standard.GetValueOrDefault(name)));

    /// <summary>Whether the environment says what the service is called.</summary>
    public bool NamesService => Standard.ContainsKey("OTEL_SERVICE_NAME") || (Standard.GetValueOrDefault("OTEL_RESOURCE_ATTRIBUTES")?.Contains("service.name=", StringComparison.Ordinal) ?? false);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="CannotRunException">The message names the setting.</exception>
    public static TelemetryTarget Read(TelemetrySettings settings, IConfiguration configuration) => new(
        string.IsNullOrEmpty(settings.Otlp) ? null : ReadAddress(settings.Otlp), settings.TraceRatio,
        configuration.GetChildren().Where(variable => variable.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).ToDictionary(
            variable => variable.Key.ToUpperInvariant(), variable => variable.Value));

    private static Uri ReadAddress(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address is { UserInfo: "", Query: "", Fragment: "" }
            ? address
            : throw new CannotRunException("Renewals:Telemetry:Otlp must be the address of an OTLP receiver by HTTP, such as http://127.0.0.1:4318, without a user name and a query.");
}
