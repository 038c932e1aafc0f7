using System.Net;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Renewals.Host.Dashboard;
using Renewals.Host.Service;

namespace Renewals.Host.Api;

/// <summary>Decides who a caller of the API is.</summary>
internal sealed class ApiAccess
{
    private const int HashBytes = 32;
    private static readonly string[] ForwardingHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    private readonly IReadOnlyList<(byte[] Hash, Instant? NotAfter, ApiCaller Holder)> keys;
    private readonly TimeProvider time;

    private ApiAccess(ApiSettings settings, IReadOnlyList<(byte[] Hash, Instant? NotAfter, ApiCaller Holder)> keys, TimeProvider time, OpenIdProvider? people) =>
        (Settings, Tokens, this.keys, this.time, People) = (settings, ApiTokens.Read(settings.Tokens), keys, time, people);

    /// <summary>The settings it was read from.</summary>
    public ApiSettings Settings { get; }

    /// <summary>Whose tokens are believed; null: none.</summary>
    public ApiTokens? Tokens { get; }

    /// <summary>The identity provider whose people may sign in to the dashboard; null: none.</summary>
    public OpenIdProvider? People { get; }

    /// <summary>Whether there is any key.</summary>
    public bool HasKeys => keys.Count > 0;

    /// <summary>True while neither key nor token nor identity provider is configured: only this machine is served.</summary>
    public bool IsLocalOnly => !HasKeys && Tokens is null && People is null;

    /// <summary>Reads the keys.</summary>
    /// <param name="settings">As they were written.</param>
    /// <param name="time">Ends keys; null: the system's.</param>
    /// <param name="people">Who may sign in to the dashboard without a key; null: nobody.</param>
    /// <exception cref="CannotRunException">A hash or an end is none, or the tokens' settings are not whole.</exception>
    public static ApiAccess Read(ApiSettings settings, TimeProvider? time = null, OpenIdProvider? people = null) => new(
        settings, [.. settings.Keys.SelectMany(key => HashesOf(key.Key, key.Value))], time ?? TimeProvider.System, people);

    /// <summary>Who calls, by a key or a token; null: nobody who may do anything.</summary>
    /// <remarks>The API's own page is of this service, so what is tried on it is let in as it would be without the page.</remarks>
    public async ValueTask<ApiCaller?> CallerOfAsync(HttpContext context) => CallerOf(context, ownPages: true) ?? (Tokens is null ? null : await Tokens.CallerOfAsync(context));

    /// <summary>Who calls, by a key; null: nobody who may do anything.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ownPages">Whether a request that comes from a page of this service itself counts as one of this machine.</param>
    public ApiCaller? CallerOf(HttpContext context, bool ownPages = false) => IsLocalOnly
        ? IsLocal(context, ownPages) ? new(ApiCaller.Local, ApiRole.Admin) : null
        : OfKey(context.Request.Headers.Authorization.ToString());

    /// <summary>The hash a key is known by.</summary>
    public static byte[] HashOfKey(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key.Trim()));

    /// <summary>Whether a request names this machine itself.</summary>
    public static bool IsLoopbackName(HostString host) =>
        host.Host is "localhost" || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // A proxy on this machine would lend its own address to the whole world, and a web page a browser's: hence the other two looks.
    private static bool IsLocal(HttpContext context, bool ownPages) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && IsLoopbackName(context.Request.Host)
        && !ForwardingHeaders.Any(context.Request.Headers.ContainsKey)
        && (!context.Request.Headers.ContainsKey("Origin") || (ownPages && context.Request.Headers.Origin == $"{context.Request.Scheme}://{context.Request.Host}"));

    private ApiCaller? OfKey(string authorization)
    {
        const string Scheme = "Bearer ";
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? HolderOf(HashOfKey(authorization[Scheme.Length..])) : null;
    }

    /// <summary>Who holds the key of this hash; null: nobody.</summary>
    public ApiCaller? HolderOf(ReadOnlySpan<byte> given)
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());

        // Every key is looked at, so that the time says nothing about them.
        ApiCaller? found = null;
        foreach (var (hash, notAfter, holder) in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, given) && !(notAfter <= now))
                found = holder;
        }

        return found;
    }

    private static IEnumerable<(byte[] Hash, Instant? NotAfter, ApiCaller Holder)> HashesOf(string name, ApiKeySettings key)
    {
        var (place, holder) = ($"Renewals:Api:Keys:{name}", new ApiCaller(name, key.Role));
        yield return (HashOf(place, key), EndOf(place, key), holder);
        for (var i = 0; i < key.Also.Count; i++)
            yield return (HashOf($"{place}:Also:{i}", key.Also[i]), EndOf($"{place}:Also:{i}", key.Also[i]), holder);
    }

    private static Instant? EndOf(string place, ApiKeyHash key) =>
        string.IsNullOrEmpty(key.NotAfter) ? null
        : InstantPattern.ExtendedIso.Parse(key.NotAfter) is { Success: true } parsed ? parsed.Value
        : throw new CannotRunException($"{place}:NotAfter is '{key.NotAfter}': write a moment such as 2026-12-31T00:00:00Z.");

    private static byte[] HashOf(string place, ApiKeyHash key)
    {
        try
        {
            if (Convert.FromHexString(key.Sha256.Trim()) is { Length: HashBytes } hash)
                return hash;
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new CannotRunException($"{place}:Sha256 is no SHA-256: write the 64 hexadecimal digits of `printf %s \"$key\" | sha256sum`.");
    }
}
