using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using NodaTime;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Checks one account's options at start; every message begins with the field's name.</summary>
internal sealed class WeChatPayOptionsCheck : IValidateOptions<WeChatPayOptions>
{
    private const int KeyLength = 32;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WeChatPayOptions options)
    {
        var faults = Identity(options).Concat(Keys(options)).Concat(Rules(options))
            .Concat(options.Resilience.Faults($"WeChatPay:{nameof(WeChatPayOptions.Resilience)}")).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string Fault(string field, string what) => $"WeChatPay:{field} {what}";

    private static IEnumerable<string> Identity(WeChatPayOptions options)
    {
        if (options.MchId.Length is < 1 or > 32 || !options.MchId.All(char.IsAsciiDigit))
            yield return Fault(nameof(options.MchId), "is the merchant number (商户号): 1 to 32 digits.");
        if (options.AppId.Length is < 1 or > 32 || !options.AppId.All(char.IsAsciiLetterOrDigit))
            yield return Fault(nameof(options.AppId), "is the app bound to the merchant number: 1 to 32 letters and digits.");
        if (options.BaseAddress is not { IsAbsoluteUri: true, Scheme: "https" or "http", AbsolutePath: "/", Query: "" })
            yield return Fault(nameof(options.BaseAddress), "must be an http or https address without a path.");
        if (options.NotifyUrl is not { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "", OriginalString.Length: <= 256 })
            yield return Fault(nameof(options.NotifyUrl), "must be an absolute http or https address without a query, at most 256 characters.");
        if (!System.Net.IPAddress.TryParse(options.ServerAddress, out _))
            yield return Fault(nameof(options.ServerAddress), "must be the IP address of this server.");
    }

    private static IEnumerable<string> Keys(WeChatPayOptions options)
    {
        if (options.ApiV2Key.Length != KeyLength || !options.ApiV2Key.All(char.IsAscii))
            yield return Fault(nameof(options.ApiV2Key), "must have 32 characters (API密钥).");
        if (options.ApiV3Key.Length != KeyLength || !options.ApiV3Key.All(char.IsAscii))
            yield return Fault(nameof(options.ApiV3Key), "must have 32 characters (APIv3密钥).");
        if (options.MerchantSerialNo.Length is < 1 or > 64 || !options.MerchantSerialNo.All(char.IsAsciiHexDigit))
            yield return Fault(nameof(options.MerchantSerialNo), "is the serial of the merchant's certificate, hexadecimal.");
        if (!IsKey(options.MerchantPrivateKeyPem, key => key.ExportParameters(includePrivateParameters: true)))
            yield return Fault(nameof(options.MerchantPrivateKeyPem), "must be the merchant's RSA private key in PEM form.");
        foreach (var (id, pem) in options.PlatformPublicKeysPem)
        {
            if (!IsKey(pem, key => key.ExportParameters(includePrivateParameters: false)))
                yield return Fault($"{nameof(options.PlatformPublicKeysPem)}:{id}", "must be an RSA public key in PEM form.");
        }

        for (var i = 0; i < options.PlatformCertificatesPem.Count; i++)
        {
            if (WeChatPayPlatformKey.TryFromCertificate(options.PlatformCertificatesPem[i]) is null)
                yield return Fault($"{nameof(options.PlatformCertificatesPem)}:{i}", "must be a certificate with an RSA key in PEM form.");
        }

        if (!options.DownloadPlatformCertificates && options.PlatformPublicKeysPem.Count + options.PlatformCertificatesPem.Count == 0)
        {
            yield return Fault(
                nameof(options.DownloadPlatformCertificates), "is off and no platform key is given: no answer of API v3 could be verified.");
        }
    }

    private static IEnumerable<string> Rules(WeChatPayOptions options)
    {
        if (!Enum.IsDefined(options.SignType))
            yield return Fault(nameof(options.SignType), "must be Md5 or HmacSha256.");
        if (!Enum.IsDefined(options.NoticeMode))
            yield return Fault(nameof(options.NoticeMode), "must be PreNotice or TwentyFourHours.");
        if (options.DeductDurationDays is < 1 or > 7)
            yield return Fault(nameof(options.DeductDurationDays), "must be 1 to 7 days, or not set.");
        if (!Enum.IsDefined(options.RefundInterface))
            yield return Fault(nameof(options.RefundInterface), "must be V3 or V2WithCertificate.");
        if (options.RefundInterface == WeChatPayRefundInterface.V2WithCertificate && options.ClientCertificate is not { HasPrivateKey: true })
            yield return Fault(nameof(options.ClientCertificate), "with its private key is needed by RefundInterface V2WithCertificate.");
        if (options.OpensAt < new LocalTime(7, 0) || options.ClosesAt > new LocalTime(22, 0) || options.OpensAt >= options.ClosesAt)
            yield return Fault(nameof(options.ClosesAt), "and OpensAt must lie within 07:00 and 22:00, the rail's hours, in this order.");
        if (options.SigningConsent < Duration.Zero || options.SigningConsent > Duration.FromHours(12))
            yield return Fault(nameof(options.SigningConsent), "must be 0 to 12 hours.");
        if (options.StatementTimeout < TimeSpan.FromSeconds(1) || options.StatementTimeout > TimeSpan.FromHours(1))
            yield return Fault(nameof(options.StatementTimeout), "must be 1 s to 1 h.");
        if (options.MaxStatementBytes is < 1024 * 1024 or > 1024 * 1024 * 1024)
            yield return Fault(nameof(options.MaxStatementBytes), "must be 1 MiB to 1 GiB.");
        if (options.MaxStatementLine is < 1_024 or > 1_048_576)
            yield return Fault(nameof(options.MaxStatementLine), "must be 1,024 to 1,048,576 characters.");
    }

    private static bool IsKey(string pem, Func<RSA, RSAParameters> export)
    {
        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(pem);
            return export(key).Modulus is { Length: >= 256 };
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException)
        {
            return false;
        }
    }
}
