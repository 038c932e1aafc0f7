using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using NodaTime;

namespace Renewals.Gateways.UnionPay;

/// <summary>Checks one account's options at start; every message begins with the field's name.</summary>
internal sealed class UnionPayOptionsCheck : IValidateOptions<UnionPayOptions>
{
    private const int MiB = 1024 * 1024;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, UnionPayOptions options)
    {
        var faults = Identity(options).Concat(Keys(options)).Concat(Encryption(options)).Concat(Agreements(options)).Concat(Times(options))
            .Concat(Statements(options)).Concat(options.Resilience.Faults($"UnionPay:{nameof(UnionPayOptions.Resilience)}")).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string Fault(string field, string what) => $"UnionPay:{field} {what}";

    private static IEnumerable<string> Identity(UnionPayOptions options)
    {
        if (options.MerId.Length != 15 || !options.MerId.All(char.IsAsciiLetterOrDigit))
            yield return Fault(nameof(options.MerId), "is the merchant number (商户代码): 15 letters and digits.");
        if (options.GatewayAddress is not { IsAbsoluteUri: true, Scheme: "https" or "http", AbsolutePath: "/", Query: "", Fragment: "" })
            yield return Fault(nameof(options.GatewayAddress), "must be an http or https address without a path.");
        if (options.FileAddress is not { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "" })
            yield return Fault(nameof(options.FileAddress), "must be an http or https address without a query.");

        // The rail signs no address: a query of ours would stand among the fields.
        if (!IsAddress(options.NotifyUrl) || options.NotifyUrl!.Query.Length > 0)
            yield return Fault(nameof(options.NotifyUrl), "must be an absolute http or https address without a query, at most 256 characters.");
        if (!IsAddress(options.ReturnUrl))
            yield return Fault(nameof(options.ReturnUrl), "must be an absolute http or https address, at most 256 characters.");
        if (!Enum.IsDefined(options.Generation))
            yield return Fault(nameof(options.Generation), "must be A, B or C.");
        if (options.ChannelType is not ("07" or "08"))
            yield return Fault(nameof(options.ChannelType), "must be 07 (internet) or 08 (mobile).");
        if (options.EstablishBizType is not ("000501" or "000000"))
            yield return Fault(nameof(options.EstablishBizType), "must be 000501 or 000000.");
        if (options.RefundBizType is not ("" or "000501" or "000000"))
            yield return Fault(nameof(options.RefundBizType), "must be 000501 or 000000, or empty.");
    }

    private static IEnumerable<string> Keys(UnionPayOptions options)
    {
        if (options.Version is not (UnionPaySigner.Version510 or UnionPaySigner.Version500))
            yield return Fault(nameof(options.Version), "must be 5.1.0 or 5.0.0.");
        if (options.Encoding is not ("UTF-8" or "GBK"))
            yield return Fault(nameof(options.Encoding), "must be UTF-8 or GBK.");
        if (!Enum.IsDefined(options.SignMethod))
            yield return Fault(nameof(options.SignMethod), "must be Rsa, Sha256 or Sm3.");
        else if (options.SignMethod != UnionPaySignMethod.Rsa)
        {
            if (options.SecureKey.Length == 0)
                yield return Fault(nameof(options.SecureKey), "is needed by methods 11 and 12: with an empty one anybody signs.");
            if (options.Version == UnionPaySigner.Version500)
                yield return Fault(nameof(options.SignMethod), "must be Rsa in version 5.0.0.");
        }
        else if (UnionPayMerchantKey.TryLoad(options.SigningKeyStore, options.SigningKeyPassword) is null)
            yield return Fault(nameof(options.SigningKeyStore), "must be a .pfx with the merchant's RSA key, opened by SigningKeyPassword.");
        foreach (var fault in options.SignMethod != UnionPaySignMethod.Rsa ? []
            : options.Version == UnionPaySigner.Version500 ? PlatformCertificates(options) : Chain(options))
            yield return fault;
    }

    private static IEnumerable<string> Chain(UnionPayOptions options)
    {
        if (UnionPayCertificates.TryParse(options.MiddleCertificatePem) is null)
            yield return Fault(nameof(options.MiddleCertificatePem), "must be the middle certificate (acp_prod_middle.cer) in PEM form.");
        else if (UnionPayCertificates.TryParse(options.RootCertificatePem) is null)
            yield return Fault(nameof(options.RootCertificatePem), "must be the root certificate (acp_prod_root.cer) in PEM form.");
        else if (new UnionPayChain(options.MiddleCertificatePem, options.RootCertificatePem, options.AllowSha1Chain).Fault is { } broken)
            yield return Fault(nameof(options.MiddleCertificatePem), $"and RootCertificatePem are no chain: {broken}.");
    }

    private static IEnumerable<string> PlatformCertificates(UnionPayOptions options)
    {
        if (options.PlatformCertificatesPem.Count == 0)
            yield return Fault(nameof(options.PlatformCertificatesPem), "must hold the platform's certificate: in 5.0.0 nothing else is believed.");
        HashSet<string> numbers = [];
        for (var i = 0; i < options.PlatformCertificatesPem.Count; i++)
        {
            if (!HasRsaKey(options.PlatformCertificatesPem[i]))
                yield return Fault($"{nameof(options.PlatformCertificatesPem)}:{i}", "must be a certificate with an RSA key in PEM form.");
            else if (!numbers.Add(UnionPayCertificates.CertId(UnionPayCertificates.TryParse(options.PlatformCertificatesPem[i])!)))
                yield return Fault($"{nameof(options.PlatformCertificatesPem)}:{i}", "is given twice.");
        }
    }

    private static IEnumerable<string> Encryption(UnionPayOptions options)
    {
        if (options.EncryptionCertificatePem.Length > 0 && !HasRsaKey(options.EncryptionCertificatePem))
            yield return Fault(nameof(options.EncryptionCertificatePem), "must be a certificate with an RSA key in PEM form, or empty.");
        if (options.UpdateEncryptionCertificate && (options.SignMethod != UnionPaySignMethod.Rsa || options.EncryptionCertificatePem.Length == 0))
            yield return Fault(nameof(options.UpdateEncryptionCertificate), "needs SignMethod Rsa and an EncryptionCertificatePem to begin with.");
    }

    private static IEnumerable<string> Agreements(UnionPayOptions options)
    {
        if (options.ValidMonths is < 0 or > 999)
            yield return Fault(nameof(options.ValidMonths), "must be 0 to 999; 0 has no end.");
        if (options.CollectionsPerUnit is < 1 or > 9999)
            yield return Fault(nameof(options.CollectionsPerUnit), "must be 1 to 9999.");
        if (Outside(options.SigningConsent, Duration.Zero, Duration.FromDays(1)))
            yield return Fault(nameof(options.SigningConsent), "must be 0 to 1 day.");
    }

    private static IEnumerable<string> Times(UnionPayOptions options)
    {
        if (options.OpensAt >= options.ClosesAt)
            yield return Fault(nameof(options.ClosesAt), "must come after OpensAt.");
        if (Outside(options.RemembersOrders, Duration.FromDays(1), Duration.FromDays(365)))
            yield return Fault(nameof(options.RemembersOrders), "must be 1 to 365 days.");
        if (Outside(options.SettleDelay, Duration.FromMinutes(1), Duration.FromDays(1)))
            yield return Fault(nameof(options.SettleDelay), "must be 1 min to 1 day.");
    }

    private static IEnumerable<string> Statements(UnionPayOptions options)
    {
        if (Outside(options.StatementGrace, Duration.Zero, Duration.FromDays(7)))
            yield return Fault(nameof(options.StatementGrace), "must be 0 to 7 days.");
        if (options.MaxStatementBytes is < MiB or > 1024 * MiB)
            yield return Fault(nameof(options.MaxStatementBytes), "must be 1 MiB to 1 GiB.");
        if (options.StatementTimeout < TimeSpan.FromSeconds(1) || options.StatementTimeout > TimeSpan.FromHours(1))
            yield return Fault(nameof(options.StatementTimeout), "must be 1 s to 1 h.");
    }

    private static bool HasRsaKey(string pem)
    {
        using var certificate = UnionPayCertificates.TryParse(pem);
        using var key = certificate?.GetRSAPublicKey();
        return key is not null;
    }

    private static bool Outside(Duration value, Duration least, Duration most) => value < least || value > most;

    private static bool IsAddress(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "https" or "http", Fragment: "", OriginalString.Length: <= 256 };
}
