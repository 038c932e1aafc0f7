using Microsoft.Extensions.Options;
using NodaTime;

namespace Renewals.Gateways.Alipay;

/// <summary>Checks one account's options at start; every message begins with the field's name.</summary>
internal sealed class AlipayOptionsCheck : IValidateOptions<AlipayOptions>
{
    private const int MiB = 1024 * 1024;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AlipayOptions options)
    {
        var faults = Identity(options).Concat(Keys(options)).Concat(Rules(options)).Concat(Statements(options))
            .Concat(options.Resilience.Faults($"Alipay:{nameof(AlipayOptions.Resilience)}")).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string Fault(string field, string what) => $"Alipay:{field} {what}";

    private static IEnumerable<string> Identity(AlipayOptions options)
    {
        if (!IsDigits(options.SellerId) || !options.SellerId.StartsWith("2088", StringComparison.Ordinal))
            yield return Fault(nameof(options.SellerId), "is the seller (pid): 16 digits that begin with 2088.");
        if (!IsDigits(options.AppId))
            yield return Fault(nameof(options.AppId), "is the app the agreements belong to: 16 digits.");
        if (options.AuthAppId is { } merchantApp && !IsDigits(merchantApp))
            yield return Fault(nameof(options.AuthAppId), "is the merchant's own app: 16 digits, or not set.");
        if ((options.AppAuthToken is null) != (options.AuthAppId is null))
            yield return Fault(nameof(options.AppAuthToken), "and AuthAppId belong together: both for a third-party app, none for an own one.");
        if (options.Gateway is not { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "" })
            yield return Fault(nameof(options.Gateway), "must be an http or https address without a query.");
        if (!IsAddress(options.NotifyUrl))
            yield return Fault(nameof(options.NotifyUrl), "must be an absolute http or https address, at most 256 characters.");
        if (options.ReturnUrl is not null && !IsAddress(options.ReturnUrl))
            yield return Fault(nameof(options.ReturnUrl), "must be an absolute http or https address, at most 256 characters, or not set.");
    }

    private static IEnumerable<string> Keys(AlipayOptions options)
    {
        if (AlipayKey.TryPrivate(options.AppPrivateKey) is null)
            yield return Fault(nameof(options.AppPrivateKey), "must be the app's RSA private key of 2,048 bits or more, base 64 or PEM.");
        if (options.AesKey is { } aes && !AlipayCipher.IsKey(aes))
            yield return Fault(nameof(options.AesKey), "must be base 64 of 16 bytes, or not set.");
        if (!options.UsesCertificates)
        {
            if (AlipayKey.TryPublic(options.AlipayPublicKey) is null)
                yield return Fault(nameof(options.AlipayPublicKey), "must be Alipay's RSA public key (支付宝公钥), base 64 or PEM.");
            if (options.AlipayCertificatesPem.Count > 0 || options.RootCertificatesPem.Length > 0)
                yield return Fault(nameof(options.AppCertificatePem), "is missing: certificate mode needs it.");
            yield break;
        }

        if (options.AlipayPublicKey.Length > 0)
            yield return Fault(nameof(options.AlipayPublicKey), "must be empty in certificate mode: one mode only decides who is believed.");
        if (AlipayCertificate.TryReadAll(options.AppCertificatePem) is null)
            yield return Fault(nameof(options.AppCertificatePem), "must be the app's certificate in PEM form.");
        if (AlipayCertificate.TryReadAll(options.RootCertificatesPem)?.Any(root => root.IsSignedWithRsa) != true)
            yield return Fault(nameof(options.RootCertificatesPem), "must be Alipay's root certificates in PEM form, one signed with RSA at least.");
        for (var i = 0; i < options.AlipayCertificatesPem.Count; i++)
        {
            if (AlipayPlatformKeys.TryRead(options.AlipayCertificatesPem[i]) is null)
                yield return Fault($"{nameof(options.AlipayCertificatesPem)}:{i}", "must be a certificate with an RSA key in PEM form.");
        }
    }

    private static IEnumerable<string> Rules(AlipayOptions options)
    {
        if (!Enum.IsDefined(options.Product))
            yield return Fault(nameof(options.Product), "must be MerchantDeduction or PeriodicDeduction.");
        if (!Enum.IsDefined(options.BrowserPage))
            yield return Fault(nameof(options.BrowserPage), "must be WalletLink, WebPage or QrCode.");
        if (Outside(options.SigningLifetime, Duration.FromMinutes(1), Duration.FromHours(24)))
            yield return Fault(nameof(options.SigningLifetime), "must be 1 min to 24 h.");
        if (options.PlanWindowDays is < 2 or > 5)
            yield return Fault(nameof(options.PlanWindowDays), "must be 2 to 5 days.");
        else if (options.PlanRetryDays < 0 || options.PlanRetryDays > options.PlanWindowDays)
            yield return Fault(nameof(options.PlanRetryDays), "must be 0 to PlanWindowDays.");
        if (Outside(options.OrderLifetime, Duration.FromMinutes(2), Duration.FromDays(15)))
            yield return Fault(nameof(options.OrderLifetime), "must be 2 min to 15 days.");
        if (Outside(options.RemembersOrders, Duration.FromDays(1), Duration.FromDays(366)))
            yield return Fault(nameof(options.RemembersOrders), "must be 1 to 366 days.");
        if (Outside(options.SettleDelay, Duration.FromMinutes(1), Duration.FromHours(1)))
            yield return Fault(nameof(options.SettleDelay), "must be 1 min to 1 h.");
        if (options.ClosesAt > new LocalTime(23, 55) || options.OpensAt >= options.ClosesAt)
            yield return Fault(nameof(options.ClosesAt), "must come after OpensAt and before 23:55: the rail judges the date when it executes.");
        if (Outside(options.SigningConsent, Duration.Zero, Duration.FromHours(24)))
            yield return Fault(nameof(options.SigningConsent), "must be 0 to 24 h.");
        if (Outside(options.NotificationLifetime, Duration.FromHours(1), Duration.FromHours(72)))
            yield return Fault(nameof(options.NotificationLifetime), "must be 1 to 72 h.");
    }

    private static IEnumerable<string> Statements(AlipayOptions options)
    {
        if (Outside(options.StatementGrace, Duration.Zero, Duration.FromDays(7)))
            yield return Fault(nameof(options.StatementGrace), "must be 0 to 7 days.");
        if (options.MaxStatementBytes is < MiB or > 2L * 1024 * MiB)
            yield return Fault(nameof(options.MaxStatementBytes), "must be 1 MiB to 2 GiB.");
        if (options.MaxStatementLine is < 1_024 or > 1_048_576)
            yield return Fault(nameof(options.MaxStatementLine), "must be 1,024 to 1,048,576 characters.");
        if (options.MaxDownloadBytes is < MiB or > 1024 * MiB)
            yield return Fault(nameof(options.MaxDownloadBytes), "must be 1 MiB to 1 GiB.");
        if (options.StatementTimeout < TimeSpan.FromSeconds(1) || options.StatementTimeout > TimeSpan.FromHours(1))
            yield return Fault(nameof(options.StatementTimeout), "must be 1 s to 1 h.");
    }

    private static bool Outside(Duration value, Duration least, Duration most) => value < least || value > most;

    private static bool IsDigits(string text) => text.Length == 16 && text.All(char.IsAsciiDigit);

    private static bool IsAddress(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "https" or "http", Fragment: "", OriginalString.Length: <= 256 };
}
