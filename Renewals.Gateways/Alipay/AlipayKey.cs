using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Renewals.Gateways.Alipay;

/// <summary>An RSA key in one of the forms the platform's key tool hands out: base 64 without PEM armour, or PEM.</summary>
/// <remarks>Instances of <see cref="RSA"/> promise no safety across threads, so each use under way at the same time has its own.</remarks>
public sealed class AlipayKey
{
    private const int LeastBits = 2048;

    private readonly ConcurrentBag<RSA> idle = [];
    private readonly RSAParameters parameters;

    private AlipayKey(RSAParameters parameters) => this.parameters = parameters;

    /// <summary>A private key: PKCS#8 (for Java) or PKCS#1 (for other languages).</summary>
    /// <returns>Null when the text is no private RSA key of 2,048 bits or more.</returns>
    public static AlipayKey? TryPrivate(string text) => TryImport(text, isPrivate: true, [
        static (key, der) => key.ImportPkcs8PrivateKey(der, out _), static (key, der) => key.ImportRSAPrivateKey(der, out _),
    ]);

    /// <summary>A public key: X.509 SubjectPublicKeyInfo.</summary>
    /// <returns>Null when the text is no public RSA key of 2,048 bits or more.</returns>
    public static AlipayKey? TryPublic(string text) =>
        TryImport(text, isPrivate: false, [static (key, der) => key.ImportSubjectPublicKeyInfo(der, out _)]);

    /// <summary>The key of a loaded certificate.</summary>
    internal static AlipayKey Of(RSA key) => new(key.ExportParameters(includePrivateParameters: false));

    /// <summary>Signs a text; see <see cref="AlipaySigner.Sign"/>.</summary>
    public string Sign(string text, Encoding encoding) => Use(key => AlipaySigner.Sign(key, text, encoding));

    /// <summary>Whether a signature is this key's; see <see cref="AlipaySigner.Verify"/>.</summary>
    public bool Verify(string text, string signature, Encoding encoding) => Use(key => AlipaySigner.Verify(key, text, signature, encoding));

    /// <summary>Uses an instance nobody else uses meanwhile.</summary>
    internal T Use<T>(Func<RSA, T> use)
    {
        var key = idle.TryTake(out var free) ? free : RSA.Create(parameters);
        var result = use(key);
        idle.Add(key);
        return result;
    }

    private static AlipayKey? TryImport(string text, bool isPrivate, IReadOnlyList<Action<RSA, byte[]>> forms)
    {
        if (TryDecode(text) is not { } der)
            return null;
        foreach (var import in forms)
        {
            try
            {
                using var key = RSA.Create();
                import(key, der);
                return key.KeySize >= LeastBits ? new(key.ExportParameters(isPrivate)) : null;
            }
            catch (CryptographicException)
            {
                // Not in this form: the next is tried.
            }
        }

        return null;
    }

    private static byte[]? TryDecode(string text)
    {
        try
        {
            return PemEncoding.TryFind(text, out var pem) ? Convert.FromBase64String(text[pem.Base64Data]) : Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
