using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace Renewals.Gateways.UnionPay;

/// <summary>The merchant's signing key and its certificate's number, from the key store the authority issues (<c>.pfx</c>).</summary>
/// <remarks>
/// Key stores of the authority are packed with algorithms that not every operating system still opens, so a library reads them. Instances
/// of <see cref="RSA"/> promise no safety across threads: there is one for each use at the same time.
/// </remarks>
public sealed class UnionPayMerchantKey
{
    private readonly ConcurrentBag<RSA> idle = [];
    private readonly RSAParameters key;

    private UnionPayMerchantKey(RSAParameters key, X509Certificate2 certificate)
    {
        (this.key, CertId) = (key, UnionPayCertificates.CertId(certificate));
        (ValidFrom, ValidUntil) = UnionPayCertificates.Validity(certificate);
    }

    /// <summary>The certificate's number (<c>certId</c>).</summary>
    public string CertId { get; }

    /// <summary>The certificate is in force from here.</summary>
    public Instant ValidFrom { get; }

    /// <summary>The certificate is in force until here.</summary>
    public Instant ValidUntil { get; }

    /// <summary>Reads the first key of a key store.</summary>
    /// <returns>Null when it cannot be opened with the password, or holds no RSA key with a certificate.</returns>
    public static UnionPayMerchantKey? TryLoad(byte[] keyStore, string password)
    {
        try
        {
            var store = new Pkcs12StoreBuilder().Build();
            store.Load(new MemoryStream(keyStore), password.ToCharArray());
            if (store.Aliases.FirstOrDefault(store.IsKeyEntry) is not { } alias
                || store.GetKey(alias)?.Key is not RsaPrivateCrtKeyParameters rsa || store.GetCertificate(alias) is not { } entry)
                return null;
            using var certificate = X509CertificateLoader.LoadCertificate(entry.Certificate.GetEncoded());
            return new(DotNetUtilities.ToRSAParameters(rsa), certificate);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or GeneralSecurityException or CryptographicException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Signs or decrypts with an instance nobody else uses meanwhile.</summary>
    public T Use<T>(Func<RSA, T> use)
    {
        if (!idle.TryTake(out var rsa))
            rsa = RSA.Create(key);
        var result = use(rsa);
        idle.Add(rsa);
        return result;
    }
}
