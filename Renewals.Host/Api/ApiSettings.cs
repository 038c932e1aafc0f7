using System.ComponentModel.DataAnnotations;

namespace Renewals.Host.Api;

/// <summary>Who may use the HTTP API, and how much of it.</summary>
/// <remarks>Without any key and without tokens only callers on this machine are served, and only where nothing stands between them and the service.</remarks>
internal sealed class ApiSettings
{
    /// <summary>Keys by any name; the name stands in the events its holder caused, the key nowhere.</summary>
    public Dictionary<string, ApiKeySettings> Keys { get; } = [];

    /// <summary>Signed tokens (JWT) of an identity provider. Default: none are believed.</summary>
    public ApiTokenSettings Tokens { get; } = new();

    /// <summary>Calls a caller may make in a second in the long run; an address without a right counts as one caller. Default 50, 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int CallsPerSecond { get; set; } = 50;

    /// <summary>Calls it may make at once before that. Default 200, 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int Burst { get; set; } = 200;

    /// <summary>The largest body that is read, in bytes. Default 64 KiB, 1 KiB to 1 MiB.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxBodyBytes { get; set; } = 65_536;

    /// <summary>How long the answer to a call with an idempotency key is kept. Default 24 h, 1 h to 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "7.00:00:00")]
    public TimeSpan KeepAnswersFor { get; set; } = TimeSpan.FromHours(24);
}

/// <summary>One key, as it was written.</summary>
internal sealed class ApiKeySettings : ApiKeyHash
{
    /// <summary>What its holder may do. Default <see cref="ApiRole.Reader"/>.</summary>
    public ApiRole Role { get; set; } = ApiRole.Reader;

    /// <summary>More keys of the same holder, while one takes the place of another. Default none.</summary>
    public IList<ApiKeyHash> Also { get; } = [];
}

/// <summary>The hash of a key.</summary>
internal class ApiKeyHash
{
    /// <summary>SHA-256 of the key in hexadecimal digits (<c>printf %s "$key" | sha256sum</c>); the key itself stands nowhere. Required.</summary>
    public string Sha256 { get; set; } = "";

    /// <summary>After this moment, such as <c>2026-12-31T00:00:00Z</c>, the key opens nothing. Default: no end.</summary>
    public string? NotAfter { get; set; }
}

/// <summary>Whose tokens are believed, and what they say.</summary>
internal sealed class ApiTokenSettings
{
    /// <summary>The provider's address; its <c>/.well-known/openid-configuration</c> names the keys. HTTPS, or this machine. Default none: no token is believed.</summary>
    public string? Authority { get; set; }

    /// <summary>What the token must be made for (<c>aud</c>). Required with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names the holder; it stands in the events, so it is an opaque name. Default <c>sub</c>.</summary>
    public string NameClaim { get; set; } = "sub";

    /// <summary>The claim that holds the provider's roles. Default <c>roles</c>.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>What the provider's roles may do here; a role that is not named may do nothing. Required with an authority.</summary>
    public Dictionary<string, ApiRole> Roles { get; } = [];
}

/// <summary>What a caller may do; each role may do all that those before it may.</summary>
internal enum ApiRole
{
    /// <summary>Look.</summary>
    Reader = 0,

    /// <summary>Sign members, stop renewals, and what else belongs to the day's work.</summary>
    Operator = 1,

    /// <summary>All there is.</summary>
    Admin = 2,
}
