using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Renewals.Tests.Webhooks;

/// <summary>The merchant's side, as docs/webhooks.md has it.</summary>
internal static class VerifyExample
{
    public static bool Verify(string id, string timestamp, string signatures, byte[] body, string secret) => IsOurs(id, timestamp, signatures, body, secret);

    // The merchant's own clock is no business of ours.
#pragma warning disable RS0030
    static bool IsOurs(string id, string timestamp, string signatures, byte[] body, string secret)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at < now - 300 || at > now + 300)
            return false;
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var wanted = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed)));
        return signatures.Split(' ').Any(given => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(given), wanted));
    }
#pragma warning restore RS0030
}
