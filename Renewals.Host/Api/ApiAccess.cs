using System.Net;
using System.Security.Cryptography;
using System.Text;
using Renewals.Host.Service;

namespace Renewals.Host.Api;

/// <summary>Decides who a caller of the API is.</summary>
internal sealed class ApiAccess
{
    private const int HashBytes = 32;
    private static readonly string[] ForwardingHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    private readonly IReadOnlyList<(byte[] Hash, ApiCaller Holder)> keys;

    private ApiAccess(IReadOnlyList<(byte[] Hash, ApiCaller Holder)> keys) => this.keys = keys;

    /// <summary>True while no key is configured: only this machine is served.</summary>
    public bool IsLocalOnly => keys.Count == 0;

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CannotRunException">A hash is none.</exception>
    public static ApiAccess Read(ApiSettings settings) => new([.. settings.Keys.Select(key => (HashOf(key.Key, key.Value), new ApiCaller(key.Key, key.Value.Role)))]);

    /// <summary>Who calls; null: nobody who may do anything.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ownPages">Whether a request that comes from a page of this service itself counts as one of this machine.</param>
    public ApiCaller? CallerOf(HttpContext context, bool ownPages = false) => IsLocalOnly
        ? IsLocal(context, ownPages) ? new(ApiCaller.Local, ApiRole.Admin) : null
        : OfKey(context.Request.Headers.Authorization.ToString());

    /// <summary>Who holds the key of this hash; null: nobody.</summary>
    public ApiCaller? HolderOf(ReadOnlySpan<byte> given)
    {
        // Every key is looked at, so that the time says nothing about them.
        ApiCaller? found = null;
        foreach (var (hash, holder) in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, given))
                found = holder;
        }

        return found;
    }

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

    private static byte[] HashOf(string name, ApiKeySettings key)
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

        throw new CannotRunException($"Renewals:Api:Keys:{name}:Sha256 is no SHA-256: write the 64 hexadecimal digits of `printf %s \"$key\" | sha256sum`.");
    }
}
