using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>One merchant account and its orders. All keys are the vectors' TEST KEYS, generated or published, used nowhere.</summary>
internal static class Samples
{
    public const string V2Key = "8934e7d15453e97507ef794cf7b0519d";
    public const string V3Key = "0123456789ABCDEF0123456789abcdef";
    public const string MchId = "1900000109";
    public const string AppId = "wxcbda96de0b165486";
    public const string ContractId = "202603010000000001";
    public const string PlatformSerial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";

    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Gateways", "WeChatPay", "Vectors");
    public static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    public static readonly AgreementId Agreement = new(Guid.Parse("018f3a5c-0000-7000-8000-000000000042"));
    public static readonly AgreementOrder Signed = new(Agreement, "12535", ContractId);
    public static readonly AgreementOrder Unsigned = new(Agreement, "12535", null);
    public static readonly OrderNumber Number =
        new Charge(new SubscriptionId(Guid.Parse("018f3a5c-0000-7000-8000-000000000001")), ChargeKind.Renewal, 7).Attempt(1);

    public static readonly ChargeOrder Order = new(Number, Signed, Money.Cny(1500), "会员续费", Now);
    public static readonly ChargeOrder FirstOrder = Order with { PaidWhileSigning = true };
    public static readonly RefundOrder Refund = new(Number.Refund(1), Money.Cny(1500), Money.Cny(500), "用户申请", "T1", Now);

    public static WeChatPayVerdicts Verdicts { get; } = new(AppId, MchId);

    public static SigningRequest Signing(SigningScene scene, bool paying = false) => new(
        Agreement, "12535", scene, "微信代扣", "203.0.113.77", "onqOjjmM1tad-3ROpncN-yUfa6ua", Now,
        paying ? new FirstPaymentOrder(Number, Money.Cny(1500), "会员首期", Now + Duration.FromMinutes(30)) : null,
        new SigningPlan(BillingInterval.Monthly, Money.Cny(1500), new(2026, 4, 1)));

    public static WeChatPayOptions Options(Action<WeChatPayOptions>? change = null)
    {
        var options = new WeChatPayOptions
        {
            MchId = MchId,
            AppId = AppId,
            ApiV2Key = V2Key,
            ApiV3Key = V3Key,
            MerchantSerialNo = Vector("v3-request-sign.json").Text("merchant_serial_no"),
            MerchantPrivateKeyPem = Vector("v3-request-sign.json").Text("merchant_private_key_pem"),
            NotifyUrl = new Uri("https://pay.example.test/wx"),
            ServerAddress = "203.0.113.10",
        };
        options.PlatformCertificatesPem.Add(Vector("v3-notify.json").Text("platform_certificate_pem"));
        options.Resilience.RetryDelay = TimeSpan.Zero;
        change?.Invoke(options);
        return options;
    }

    /// <summary>A message of the rail that proved genuine.</summary>
    public static WeChatPayReply Message(params (string Name, string Value)[] fields) => new WeChatPayReply.Message(Ours(fields));

    /// <summary>The fields every answer has, with more.</summary>
    public static Dictionary<string, string> Ours(params (string Name, string Value)[] fields)
    {
        var all = new Dictionary<string, string> { ["return_code"] = "SUCCESS", ["appid"] = AppId, ["mch_id"] = MchId };
        foreach (var (name, value) in fields)
            all[name] = value;
        return all;
    }

    /// <summary>Fields as the rail sends them: signed, in XML.</summary>
    public static byte[] SignedXml(IEnumerable<KeyValuePair<string, string>> fields, WeChatPaySignType type = WeChatPaySignType.Md5) =>
        Encoding.UTF8.GetBytes(WeChatPayXml.Write(WeChatPaySigner.Signed(fields, V2Key, type)));

    public static Callback Callback(byte[] body, IReadOnlyDictionary<string, string>? headers = null) =>
        new(headers ?? new Dictionary<string, string>(), body);

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    public static JsonElement Vector(string file) => JsonDocument.Parse(Bytes(file)).RootElement;

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static Dictionary<string, string> Map(this JsonElement element, string name) =>
        element.GetProperty(name).EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);
}
