using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.Alipay;

/// <summary>A certificate of certificate mode (公钥证书): its DER text and the serial the rail names it by.</summary>
/// <remarks>
/// Read from the DER itself: the platform's names of issuers quote and space what the rail does not, and the key of an SM2 certificate,
/// which every root bundle holds, cannot be read everywhere. Only the issuer, the serial number and the signature's algorithm are looked at.
/// </remarks>
/// <param name="Der">The certificate.</param>
/// <param name="Issuer">The issuer's names in reverse order: <c>CN=…,OU=…,O=…,C=CN</c>.</param>
/// <param name="Number">The serial number, decimal.</param>
/// <param name="SignatureAlgorithm">The object identifier of the algorithm the certificate is signed with.</param>
public sealed record AlipayCertificate(ReadOnlyMemory<byte> Der, string Issuer, string Number, string SignatureAlgorithm)
{
    private const string RsaFamily = "1.2.840.113549.1.1.";

    /// <summary>The rail's serial (<c>app_cert_sn</c>, <c>alipay_cert_sn</c>): MD5 of issuer and number, 32 lower-case hexadecimal digits.</summary>
    public string Serial => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Issuer + Number)));

    /// <summary>Whether it is signed with RSA. The algorithm of the signature decides, not the key.</summary>
    public bool IsSignedWithRsa => SignatureAlgorithm.StartsWith(RsaFamily, StringComparison.Ordinal);

    /// <summary>The serial of a root bundle (<c>alipay_root_cert_sn</c>): of all that are signed with RSA, in the order of the file.</summary>
    public static string RootSerial(IEnumerable<AlipayCertificate> bundle) =>
        string.Join('_', bundle.Where(certificate => certificate.IsSignedWithRsa).Select(certificate => certificate.Serial));

    /// <summary>All certificates of a file in PEM form, in its order.</summary>
    /// <returns>Null when there is none or one cannot be read.</returns>
    public static IReadOnlyList<AlipayCertificate>? TryReadAll(string pem)
    {
        var certificates = new List<AlipayCertificate>();
        try
        {
            for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
            {
                if (rest[found.Label] is "CERTIFICATE")
                    certificates.Add(Read(Convert.FromBase64String(rest[found.Base64Data].ToString())));
            }
        }
        catch (Exception fault) when (fault is AsnContentException or FormatException)
        {
            return null;
        }

        return certificates.Count == 0 ? null : certificates;
    }

    private static AlipayCertificate Read(byte[] der)
    {
        var certificate = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var content = certificate.ReadSequence();
        var algorithm = certificate.ReadSequence().ReadObjectIdentifier();
        var version = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (content.PeekTag() == version)
            content.ReadEncodedValue();

        // A number above 2^63 has a leading zero byte in DER: it is positive all the same.
        BigInteger number = content.ReadInteger();
        content.ReadSequence();
        return new(der, Name(content.ReadSequence()), number.ToString(CultureInfo.InvariantCulture), algorithm);
    }

    private static string Name(AsnReader name)
    {
        var parts = new List<string>();
        while (name.HasData)
        {
            var set = name.ReadSetOf();
            while (set.HasData)
            {
                var pair = set.ReadSequence();
                var kind = Abbreviation(pair.ReadObjectIdentifier());
                parts.Add($"{kind}={pair.ReadCharacterString((UniversalTagNumber)pair.PeekTag().TagValue)}");
            }
        }

        parts.Reverse();
        return string.Join(',', parts);
    }

    private static string Abbreviation(string oid) => oid switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",

        // The official libraries disagree on all others, and the rail's certificates have none of them.
        _ => throw new FormatException($"the issuer has a name of the kind {oid}"),
    };
}
