namespace Renewals.Host.Api;

/// <summary>Who may use the HTTP API.</summary>
/// <remarks>Without any key only callers on this machine are served, and only where nothing stands between them and the service.</remarks>
internal sealed class ApiSettings
{
    /// <summary>Keys by any name; the name stands in the events its holder caused, the key nowhere.</summary>
    public Dictionary<string, ApiKeySettings> Keys { get; } = [];
}

/// <summary>One key, as it was written.</summary>
internal sealed class ApiKeySettings
{
    /// <summary>SHA-256 of the key in hexadecimal digits (<c>printf %s "$key" | sha256sum</c>); the key itself stands nowhere. Required.</summary>
    public string Sha256 { get; set; } = "";

    /// <summary>What its holder may do. Default <see cref="ApiRole.Reader"/>.</summary>
    public ApiRole Role { get; set; } = ApiRole.Reader;
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
