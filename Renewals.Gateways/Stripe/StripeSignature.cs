using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Renewals.Gateways.Stripe;

/// <summary>The signature of a webhook: <c>Stripe-Signature: t=…,v1=…</c>, HMAC-SHA256 over time, a full stop and the raw body.</summary>
/// <remarks>docs.stripe.com/webhooks/signature. Strict where the library is lenient: one time, lower-case hexadecimal, the bytes as they came.</remarks>
public static class StripeSignature
{
    /// <summary>The header's name.</summary>
    public const string Header = "Stripe-Signature";

    private const int MaxLength = 2048;
    private const int HexLength = 64;

    /// <summary>Why a webhook is not believed; null when it is.</summary>
    /// <param name="header">The header's value; null when it is absent.</param>
    /// <param name="body">The raw bytes.</param>
    /// <param name="secrets">The endpoint's secrets; any of them may have signed.</param>
    /// <param name="now">Freshness is judged at this instant.</param>
    /// <param name="tolerance">How far the time may be from it, either way.</param>
    public static string? WhyNot(string? header, ReadOnlySpan<byte> body, IEnumerable<string> secrets, Instant now, Duration tolerance)
    {
        if (header is not { Length: > 0 and <= MaxLength })
            return "no signature";
        string? time = null;
        List<byte[]> signatures = [];
        foreach (var part in header.Split(','))
        {
            if (part.Split('=', 2) is not [var name, var value])
                return "a signature header that cannot be read";
            if (name == "t" && time is not null)
                return "a signature header with two times";
            if (name == "t")
                time = value;
            else if (name == "v1" && value.Length == HexLength && value.All(char.IsAsciiHexDigitLower))
                signatures.Add(Convert.FromHexString(value));
        }

        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > int.MaxValue || time != seconds.ToString(CultureInfo.InvariantCulture))
            return "a signature header without a time";
        var apart = now - Instant.FromUnixTimeSeconds(seconds);
        if (!IsSigned(time, body, secrets, signatures))
            return "the signature is wrong or missing";
        return apart > tolerance || -apart > tolerance ? "the signature's time is not fresh" : null;
    }

    /// <summary>The header of a body, as the rail writes it.</summary>
    /// <param name="secret">The endpoint's secret.</param>
    /// <param name="at">The time of sending.</param>
    /// <param name="body">The raw bytes.</param>
    public static string Sign(string secret, Instant at, ReadOnlySpan<byte> body)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={time},v1={Convert.ToHexStringLower(Compute(secret, time, body))}";
    }

    private static bool IsSigned(string time, ReadOnlySpan<byte> body, IEnumerable<string> secrets, List<byte[]> signatures)
    {
        var signed = false;
        foreach (var secret in secrets)
        {
            var ours = Compute(secret, time, body);
            foreach (var theirs in signatures)
                signed |= CryptographicOperations.FixedTimeEquals(ours, theirs);
        }

        return signed;
    }

    private static byte[] Compute(string secret, string time, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.ASCII.GetBytes($"{time}."));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
