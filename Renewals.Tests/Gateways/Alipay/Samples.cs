using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>One merchant account and its orders. All keys are the vectors' TEST KEYS, generated for them, used nowhere.</summary>
internal static class Samples
{
    public const string AppId = "2021000000000101";
    public const string SellerId = "2088000000000101";
    public const string AgreementNo = "20255601000000000101";
    public const string Scene = "INDUSTRY|DIGITAL_MEDIA";
    public const string TradeNo = "2025070122001400000000000101";

    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Gateways", "Alipay", "Vectors");

    /// <summary>2025-07-01 08:00 in Beijing.</summary>
    public static readonly Instant Now = Instant.FromUtc(2025, 7, 1, 0, 0);
    public static readonly AgreementId Agreement = new(Guid.Parse("018f3a5c-0000-7000-8000-000000000042"));
    public static readonly AgreementOrder Signed = new(Agreement, Scene, AgreementNo);
    public static readonly AgreementOrder Unsigned = new(Agreement, Scene, null);
    public static readonly OrderNumber Number =
        new Charge(new SubscriptionId(Guid.Parse("018f3a5c-0000-7000-8000-000000000001")), ChargeKind.Renewal, 7).Attempt(1);

    public static readonly ChargeOrder Order = new(
        Number, Signed, Money.Cny(1990), "会员月费 2025年7月", Now, ExpiresAt: Now + Duration.FromHours(2));
    public static readonly RefundOrder Refund = new(Number.Refund(1), Money.Cny(1990), Money.Cny(500), "服务中断补偿", TradeNo, Now);

    public static AlipayKey AppKey { get; } = AlipayKey.TryPrivate(Key("app", "private_pkcs8_base64"))!;

    public static AlipayKey AppPublicKey { get; } = AlipayKey.TryPublic(Key("app", "public_spki_base64"))!;

    /// <summary>The rail's side.</summary>
    public static AlipayKey RailKey { get; } = AlipayKey.TryPrivate(Key("alipay", "private_pkcs1_base64"))!;

    public static AlipayPlatformKeys PlatformKeys { get; } = AlipayPlatformKeys.Of(Options());

    public static SigningRequest Signing(SigningScene scene, bool paying = false) => new(
        Agreement, Scene, scene, "user-101", null, null, Now,
        paying ? new FirstPaymentOrder(Number, Money.Cny(990), "首月优惠", Now + Duration.FromMinutes(30)) : null,
        new SigningPlan(BillingInterval.Monthly, Money.Cny(2500), new(2025, 7, 6)));

    public static AlipayOptions Options(Action<AlipayOptions>? change = null)
    {
        var options = new AlipayOptions
        {
            SellerId = SellerId,
            AppId = AppId,
            AppPrivateKey = Key("app", "private_pkcs8_base64"),
            AlipayPublicKey = Key("alipay", "public_spki_base64"),
            NotifyUrl = new Uri("https://pay.example.test/alipay"),
        };
        options.Resilience.RetryDelay = TimeSpan.Zero;
        change?.Invoke(options);
        return options;
    }

    /// <summary>Certificate mode with the vectors' certificates.</summary>
    public static void WithCertificates(AlipayOptions options)
    {
        var vector = Vector("certificates.json");
        options.AlipayPublicKey = "";
        options.AppCertificatePem = vector.Text("app_cert_pem");
        options.RootCertificatesPem = vector.Text("alipay_root_cert_pem");
        options.AlipayCertificatesPem.Add(vector.Text("alipay_cert_pem"));
    }

    /// <summary>An answer as the rail sends it: signed over the exact text of the node.</summary>
    public static string Body(string method, string node, string serial = "") =>
        new AlipayEnvelope(node, RailKey.Sign(node, AlipayWire.Utf8), serial).ToBody(method);

    /// <summary>A message of the rail that proved genuine.</summary>
    public static AlipayReply.Message Message(string node, bool repeated = false) => new(JsonDocument.Parse(node).RootElement, repeated);

    /// <summary>A business failure.</summary>
    public static AlipayReply.Message Failure(string subCode, bool repeated = false) =>
        Message($$"""{"code":"40004","msg":"Business Failed","sub_code":"{{subCode}}","sub_msg":"x","out_trade_no":"{{Number}}"}""", repeated);

    /// <summary>Fields as the rail posts them: signed, in a form.</summary>
    public static Callback Notification(IReadOnlyDictionary<string, string> fields, Encoding? encoding = null)
    {
        encoding ??= AlipayWire.Utf8;
        var signed = new Dictionary<string, string>(fields);
        signed["sign"] = RailKey.Sign(AlipaySigner.Join(fields.Where(field => field.Key != "sign_type")), encoding);
        return Callback(Form(signed, encoding));
    }

    public static Callback Callback(byte[] body) => new(new Dictionary<string, string>(), body);

    public static byte[] Form(IEnumerable<KeyValuePair<string, string>> fields, Encoding encoding) => Encoding.ASCII.GetBytes(
        string.Join('&', fields.Select(field => $"{AlipayWire.Encode(field.Key, encoding)}={AlipayWire.Encode(field.Value, encoding)}")));

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    public static JsonElement Vector(string file) => JsonDocument.Parse(Bytes(file)).RootElement;

    public static string Key(string side, string form) => Vector("keys.json").GetProperty(side).Text(form);

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static Dictionary<string, string> Map(this JsonElement element, string name) =>
        element.GetProperty(name).EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);
}
