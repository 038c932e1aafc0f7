using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.UnionPay;

/// <summary>The rail's encryption certificate in use: the configured one, until the rail hands out the next.</summary>
internal sealed class UnionPayEncryption
{
    private const int LeastKeyBits = 2048;

    private readonly Encoding encoding;
    private volatile UnionPayEncryptor current;

    /// <summary>Reads the certificate of valid options; without one sensitive fields stay readable.</summary>
    public UnionPayEncryption(UnionPayOptions options)
    {
        encoding = UnionPayWire.EncodingOf(options.Encoding);
        current = new(UnionPayCertificates.TryParse(options.EncryptionCertificatePem), encoding);
    }

    /// <summary>What encrypts now. All fields of one message come from one of these.</summary>
    public UnionPayEncryptor Current => current;

    /// <summary>Takes a certificate out of an answer the platform signed.</summary>
    /// <returns>Null when it is in use now; else why nothing changed.</returns>
    public string? Take(string pem, Instant now)
    {
        if (UnionPayCertificates.TryParse(pem) is not { } certificate)
            return "the answer holds no certificate";
        if (!UnionPayCertificates.IsValidAt(certificate, now))
            return "the certificate is outside its dates";
        using var key = certificate.GetRSAPublicKey();
        if (key is not { KeySize: >= LeastKeyBits })
            return "the certificate has no RSA key of 2,048 bits";
        current = new(certificate, encoding);
        return null;
    }
}

/// <summary>Writes the sensitive fields of a message with one certificate, or readable when there is none.</summary>
internal sealed class UnionPayEncryptor
{
    private readonly Encoding encoding;
    private readonly byte[]? key;

    /// <summary>Takes a certificate with an RSA key, or none.</summary>
    public UnionPayEncryptor(X509Certificate2? certificate, Encoding encoding)
    {
        (Certificate, this.encoding) = (certificate, encoding);
        if (certificate is not null)
            (CertId, key) = (UnionPayCertificates.CertId(certificate), UnionPayCertificates.PublicKey(certificate));
    }

    /// <summary>The certificate; null when fields stay readable.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>The field <c>encryptCertId</c>; null when fields stay readable.</summary>
    public string? CertId { get; }

    /// <summary>The field <c>accNo</c>.</summary>
    public string CardNumber(string number) => Use(rsa => rsa is null ? number : UnionPayCipher.Encrypt(number, rsa, encoding))!;

    /// <summary>The field <c>customerInfo</c>.</summary>
    public string? CustomerInfo(PayerCard card) => Use(rsa => UnionPayCipher.CustomerInfo(
        [
            ("certifTp", card.CertificateType), ("certifId", card.CertificateNumber), ("customerNm", card.Holder), ("smsCode", card.SmsCode),
            ("phoneNo", card.Phone),
        ],
        encoding, rsa));

    // The key is imported anew for each use: instances of RSA promise no safety across threads.
    private string? Use(Func<RSA?, string?> write)
    {
        if (key is null)
            return write(null);
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key, out _);
        return write(rsa);
    }
}
