using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Renewals.Host.Sandbox;

/// <summary>Ids a rail makes, derived by hashing what they belong to.</summary>
/// <remarks>No counter and no randomness: two runs give the same ids, whatever the order calls arrive in.</remarks>
internal static class StableId
{
    /// <summary>Decimal digits, the first one not zero.</summary>
    public static string Digits(int length, params ReadOnlySpan<string> of)
    {
        var hash = Hash(of);
        return string.Create(length, hash, static (span, bytes) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var value = bytes[i % bytes.Length];
                span[i] = (char)(i == 0 ? '1' + (value % 9) : '0' + (value % 10));
            }
        });
    }

    /// <summary>Lower-case hexadecimal digits, at most 64.</summary>
    public static string Hex(int length, params ReadOnlySpan<string> of) => Convert.ToHexStringLower(Hash(of))[..length];

    /// <summary>Letters, digits, <c>-</c> and <c>_</c>, at most 43.</summary>
    public static string Base64Url(int length, params ReadOnlySpan<string> of) =>
        System.Buffers.Text.Base64Url.EncodeToString(Hash(of))[..length];

    /// <summary>The 32 bytes behind the texts.</summary>
    public static byte[] Hash(params ReadOnlySpan<string> of) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', of!)));
}
