using NodaTime;

namespace Renewals.Core.Plans;

/// <summary>Time zones by their TZDB name.</summary>
public static class RenewalZones
{
    /// <summary>The zone of mainland China, which rails and plans use unless they say otherwise.</summary>
    public const string Shanghai = "Asia/Shanghai";

    /// <summary>The zone of this name.</summary>
    /// <exception cref="ArgumentException">TZDB has no zone of this name.</exception>
    public static DateTimeZone Get(string id) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(id)
        ?? throw new ArgumentException($"There is no time zone '{id}' in TZDB {DateTimeZoneProviders.Tzdb.VersionId}.", nameof(id));
}
