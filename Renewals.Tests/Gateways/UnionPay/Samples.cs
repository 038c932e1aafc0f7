using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>One merchant account and its orders. All keys are the vectors' TEST KEYS, generated and published, used nowhere.</summary>
internal static class Samples
{
    public const string MerId = "700000000000001";
    public const string Card = "6216261000000000018";
    public const string SecureKey = "sgt-secure-key-0001";
    public const string QueryId = "512603051015301234568";

    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Gateways", "UnionPay", "Vectors");
    public static readonly Instant Now = Instant.FromUtc(2026, 3, 5, 2, 15, 30);
    public static readonly Encoding Utf8 = UnionPayWire.EncodingOf("UTF-8");
    public static readonly AgreementId Agreement = new(Guid.Parse("018f3a5c-0000-7000-8000-000000000042"));
    public static readonly AgreementOrder Signed = new(Agreement, "01", Agreement.SigningCode, Now, Card);
    public static readonly OrderNumber Number =
        new Charge(new SubscriptionId(Guid.Parse("018f3a5c-0000-7000-8000-000000000001")), ChargeKind.Renewal, 7).Attempt(1);

    public static readonly ChargeOrder Order = new(Number, Signed, Money.Cny(1990), "会员续费", Now);
    public static readonly RefundOrder Refund = new(Number.Refund(1), Money.Cny(1990), Money.Cny(990), "用户申请", QueryId, Now);
    public static readonly PayerCard Payer = new(Card, "全渠道", "01", "341126197709218366", "13552535506");

    public static SigningRequest Signing(PayerCard? card) => new(
        Agreement, "01", SigningScene.MobileBrowser, "会员", "203.0.113.77", null, Now, null,
        new SigningPlan(BillingInterval.Monthly, Money.Cny(1990), new(2026, 4, 1)), card);

    public static UnionPayOptions Options(Action<UnionPayOptions>? change = null)
    {
        var options = new UnionPayOptions
        {
            MerId = MerId,
            SigningKeyStore = Bytes("certs/merchant_sign.pfx"),
            SigningKeyPassword = "000000",
            MiddleCertificatePem = Text("certs/test_middle.cer"),
            RootCertificatePem = Text("certs/test_root.cer"),
            EncryptionCertificatePem = Text("certs/test_enc.cer"),
            NotifyUrl = new("https://merchant.example/unionpay/notify"),
            ReturnUrl = new("https://merchant.example/unionpay/return"),
        };
        options.Resilience.RetryDelay = TimeSpan.Zero;
        change?.Invoke(options);
        return options;
    }

    /// <summary>The platform's side of the signature, with the vectors' TEST KEY of the strict owner.</summary>
    public static Dictionary<string, string> SignedByPlatform(IEnumerable<KeyValuePair<string, string>> fields, string name = "platform_sign_prod_cn")
    {
        var all = fields.ToDictionary(StringComparer.Ordinal);
        all["signPubKeyCert"] = Text($"certs/{name}.cer").Trim().ReplaceLineEndings("\r\n");
        using var key = Key($"certs/{name}_private.pem");
        all["signature"] = UnionPaySigner.SignRsa(all, key, UnionPaySigner.Version510, Utf8);
        return all;
    }

    /// <summary>The platform's side, as an account's options want it.</summary>
    public static Dictionary<string, string> SignedByPlatform(IEnumerable<KeyValuePair<string, string>> fields, UnionPayOptions options)
    {
        if (options is { SignMethod: UnionPaySignMethod.Rsa, Version: UnionPaySigner.Version510, Encoding: "UTF-8" })
            return SignedByPlatform(fields);
        var (all, encoding) = (fields.ToDictionary(StringComparer.Ordinal), UnionPayWire.EncodingOf(options.Encoding));
        if (options.SignMethod != UnionPaySignMethod.Rsa)
        {
            all["signature"] = UnionPaySigner.SignSecure(all, options.SignMethod, options.SecureKey, encoding);
            return all;
        }

        if (options.Version == UnionPaySigner.Version500)
            all["certId"] = UnionPayCertificates.CertId(UnionPayCertificates.TryParse(Text("certs/platform_sign_prod_cn.cer"))!);
        else
            all["signPubKeyCert"] = Text("certs/platform_sign_prod_cn.cer").Trim().ReplaceLineEndings("\r\n");
        using var key = Key("certs/platform_sign_prod_cn_private.pem");
        all["signature"] = UnionPaySigner.SignRsa(all, key, options.Version, encoding);
        return all;
    }

    /// <summary>A shared key in place of certificates; nothing is encrypted then.</summary>
    public static void WithSecureKey(UnionPayOptions options, UnionPaySignMethod method)
    {
        (options.SignMethod, options.SecureKey, options.SigningKeyStore, options.SigningKeyPassword) = (method, SecureKey, [], "");
        (options.MiddleCertificatePem, options.RootCertificatePem, options.EncryptionCertificatePem) = ("", "", "");
    }

    /// <summary>The older version: the platform's certificate is held, and found by its number.</summary>
    public static void WithVersion500(UnionPayOptions options)
    {
        options.Version = UnionPaySigner.Version500;
        options.PlatformCertificatesPem.Add(Text("certs/platform_sign_prod_cn.cer"));
    }

    /// <summary>What the rail says of a paid order besides its codes.</summary>
    public static readonly (string Name, string? Value)[] PaymentData =
    [
        ("queryId", QueryId), ("txnAmt", "1990"), ("currencyCode", "156"), ("traceNo", "123456"), ("traceTime", "0305101532"), ("settleDate", "0305"),
    ];

    /// <summary>The fields every message of ours has, with more.</summary>
    public static Dictionary<string, string> Ours(params (string Name, string? Value)[] fields)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["version"] = "5.1.0", ["encoding"] = "UTF-8", ["signMethod"] = "01", ["accessType"] = "0", ["merId"] = MerId,
        };
        foreach (var (name, value) in fields)
        {
            if (value is null)
                all.Remove(name);
            else
                all[name] = value;
        }

        return all;
    }

    public static RSA Key(string file)
    {
        var key = RSA.Create();
        key.ImportFromPem(Text(file));
        return key;
    }

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    public static string Text(string file) => Encoding.UTF8.GetString(Bytes(file));

    public static JsonElement Vector(string file) => JsonDocument.Parse(Bytes(file)).RootElement;

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static Dictionary<string, string> Map(this JsonElement element, string name) =>
        element.GetProperty(name).EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);
}
