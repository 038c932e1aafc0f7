using System.ComponentModel.DataAnnotations;

namespace Renewals.Host.Dashboard;

/// <summary>The dashboard, as it was configured. Who may use it is said by the keys of the API and by <see cref="OpenId"/>.</summary>
internal sealed class DashboardSettings
{
    /// <summary>Zone in which a day begins and moments are shown. Default Asia/Shanghai.</summary>
    public string Zone { get; set; } = Core.Plans.RenewalZones.Shanghai;

    /// <summary>How long a sign-in holds. Default 12 h; 5 min to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00")]
    public TimeSpan SignInFor { get; set; } = TimeSpan.FromHours(12);

    /// <summary>An identity provider at which people sign in, beside or in the place of keys. Default: none.</summary>
    public OpenIdSettings OpenId { get; } = new();

    /// <summary>
    /// A folder for the keys that seal sign-ins, shared by all hosts behind one address. Default none: a sign-in holds at one host, until its next start.
    /// </summary>
    public string? KeyFolder { get; set; }
}
