using System.Security.Cryptography;
using System.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.WeChatPay;

/// <summary>One signed API v2 message, ready to be sent; the same message is the same bytes.</summary>
/// <param name="Path">Where it goes.</param>
/// <param name="SignType">How it, and its answer, are signed.</param>
/// <param name="Fields">Its fields in order, the signature last.</param>
internal sealed record WeChatPayMessage(string Path, WeChatPaySignType SignType, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>The XML document.</summary>
    public byte[] ToXml() => Encoding.UTF8.GetBytes(WeChatPayXml.Write(Fields));

    /// <summary>The query string of the signing pages: raw values were signed, encoded values are sent.</summary>
    public string ToQuery() =>
        string.Join('&', Fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
}

/// <summary>One API v3 request before it is signed.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">UTF-8 JSON; empty for GET.</param>
internal sealed record WeChatPayV3Message(string Method, string Path, ReadOnlyMemory<byte> Body);

/// <summary>Signs messages and makes the numbers in them that must be the same in every repeat.</summary>
internal sealed class WeChatPaySealer(WeChatPayOptions options)
{
    /// <summary>The signed message; fields without a value are left out.</summary>
    public WeChatPayMessage Seal(string path, WeChatPaySignType type, IEnumerable<(string Name, string? Value)> fields) => new(
        path, type, WeChatPaySigner.Signed(
            fields.Where(field => !string.IsNullOrEmpty(field.Value)).Select(field => KeyValuePair.Create(field.Name, field.Value!)),
            options.ApiV2Key, type));

    /// <summary>The value of <c>sign_type</c>: only sent when it is not the rail's default.</summary>
    public static string? SignTypeField(WeChatPaySignType type) => type == WeChatPaySignType.Md5 ? null : type.WireName();

    /// <summary>
    /// The nonce of a call that moves money: derived from the order, so that a repeat is byte-identical, and keyed, so that nobody
    /// else can foretell it.
    /// </summary>
    public string DerivedNonce(string call, string number) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.ApiV2Key), Encoding.UTF8.GetBytes($"{call}|{number}")))[..32];

    /// <summary>A nonce nobody has to repeat.</summary>
    public static string RandomNonce() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>The number of a signing request (<c>request_serial</c>): 62 bits of a hash over the agreement's whole id, never 0.</summary>
    /// <remarks>A hash, because ids made from a clock share their first bits and the rail wants the number unique per merchant.</remarks>
    public static string RequestSerial(AgreementId agreement)
    {
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(agreement.SigningCode));
        var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash) >> 2;
        return Math.Max(bits, 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The fields that name an agreement: the rail's id where it is known, else template and code.</summary>
    public static IEnumerable<(string Name, string? Value)> Naming(AgreementOrder agreement) => agreement.RailAgreementId is { Length: > 0 } id
        ? [("contract_id", id)]
        : [("plan_id", agreement.Template), ("contract_code", agreement.Agreement.SigningCode)];
}
