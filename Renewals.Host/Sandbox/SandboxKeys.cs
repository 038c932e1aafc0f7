using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Renewals.Host.Sandbox;

/// <summary>The RSA keys of this process's sandboxes: each is made once, and those that are wanted together are made side by side.</summary>
/// <remarks>
/// Not kept beyond the process, and not shared by two names: two sandboxes of one process have the same keys for the same merchant. Making a key takes
/// a fifth of a second and more, which is most of a sandbox's start.
/// </remarks>
internal static class SandboxKeys
{
    private const int Bits = 2048;

    private static readonly ConcurrentDictionary<string, Lazy<RSAParameters>> Made = new(StringComparer.Ordinal);

    /// <summary>Keys by their names, in the order of the names.</summary>
    /// <param name="owner">The rail and the merchant.</param>
    /// <param name="names">What each signs or opens.</param>
    public static RSA[] Of(string owner, params string[] names) => [.. names.AsParallel().AsOrdered().Select(name => Of($"{owner} {name}"))];

    private static RSA Of(string name) => RSA.Create(Made.GetOrAdd(name, _ => new(Make)).Value);

    private static RSAParameters Make()
    {
        using var key = RSA.Create(Bits);
        return key.ExportParameters(includePrivateParameters: true);
    }
}
