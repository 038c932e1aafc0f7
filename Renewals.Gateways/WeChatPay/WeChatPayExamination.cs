using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Gateways.Examination;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Finds out whether an account could work: by what is configured, and by what the rail answers to two harmless calls.</summary>
internal sealed class WeChatPayExamination(WeChatPayOptions options, WeChatPayClient client, WeChatPayPlatformKeys keys, TimeProvider time)
{
    /// <summary>An agreement nobody has: what the rail says of it tells whether it would let us ask.</summary>
    private static readonly AgreementOrder Nobody = new(new(new Guid("00000000-0000-4000-8000-000000000000")), "1", null);

    private const string OpenProduct =
        "Ask your WeChat Pay sales contact (行业运营) to open 委托代扣 周期扣款 for this merchant number and app; they want to see the business, " +
        "the page where members agree, and the way to cancel. Then apply for a template (协议模板).";

    public async Task<IReadOnlyList<RailFinding>> RunAsync(CancellationToken cancellation)
    {
        var answer = await client.ProbeAsync(cancellation);
        return
        [
            new(RailCheck.Keys, FindingVerdict.Yes, $"the private key of certificate {options.MerchantSerialNo} can be read"),
            .. Certificates(answer),
            Clock(answer),
            Endpoint(answer),
            await ProductAsync(cancellation),
            Findings.Callback(options.NotifyUrl),
        ];
    }

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    private IEnumerable<RailFinding> Certificates(RailReply<HttpAnswer> answer)
    {
        const string Renewal = "Download platform certificates must be on, or put the new key into the settings (API安全 > 平台证书 or 微信支付公钥).";
        if (answer is RailReply<HttpAnswer>.Answered { Value: { Status: 200 } genuine } && options.DownloadPlatformCertificates
            && keys.Take(genuine.Signed, genuine.Body.Span, options.ApiV3Key, Now) is { } fault)
            return [new(RailCheck.Certificates, FindingVerdict.No, $"the platform certificates were not taken: {fault}", "Check the API v3 key (APIv3密钥).")];
        return keys.Held is { Count: > 0 } held
            ? held.Select(key => key is { ValidFrom: { } from, ValidUntil: { } until }
                ? Findings.Certificate($"platform certificate {key.Serial}", from, until, Now, Renewal)
                : new(RailCheck.Certificates, FindingVerdict.Yes, $"public key {key.Serial} does not end"))
            : [new(RailCheck.Certificates, FindingVerdict.Unknown, "no platform key is held", Renewal)];
    }

    private RailFinding Clock(RailReply<HttpAnswer> answer) =>
        Findings.Clock(answer is RailReply<HttpAnswer>.Answered answered ? answered.Value.Date : null, Now);

    private static RailFinding Endpoint(RailReply<HttpAnswer> answer) => answer switch
    {
        RailReply<HttpAnswer>.Answered { Value.Status: 200 or 404 } => new(RailCheck.Endpoint, FindingVerdict.Yes, "the rail answers and believes our signature"),
        RailReply<HttpAnswer>.Answered { Value.Status: 401 } => new(
            RailCheck.Endpoint, FindingVerdict.No, "the rail does not believe our signature (HTTP 401)",
            "Check that MerchantSerialNo belongs to MerchantPrivateKeyPem and to this merchant number (账户中心 > API安全 > 商户API证书)."),
        RailReply<HttpAnswer>.Answered answered => Findings.NoAnswer($"HTTP {answered.Value.Status}"),
        RailReply<HttpAnswer>.Lost lost => Findings.NoAnswer(lost.Why),
        RailReply<HttpAnswer>.NotSent notSent => Findings.NoAnswer(notSent.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<RailFinding> ProductAsync(CancellationToken cancellation)
    {
        var reply = await client.PostAsync(new WeChatPayMessages(options).QueryContract(Nobody), RailCall.Repeatable, cancellation);
        return reply switch
        {
            WeChatPayReply.Message { Fields: var fields } => OfCode(fields.Text("result_code"), fields.Text("err_code")),
            WeChatPayReply.Unclear unclear => new(
                RailCheck.Product, FindingVerdict.Unknown, unclear.Why, "Check the API v2 key (API密钥) and that app and merchant number are bound."),
            WeChatPayReply.NotSent notSent => new(RailCheck.Product, FindingVerdict.Unknown, notSent.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static RailFinding OfCode(string result, string code) => code switch
    {
        "NOAUTH" or "NO_AUTH" => new(RailCheck.Product, FindingVerdict.No, $"entrusted deduction is not opened for this merchant ({code})", OpenProduct),
        "APPID_NOT_EXIST" or "MCHID_NOT_EXIST" or "APPID_MCHID_NOT_MATCH" => new(
            RailCheck.Product, FindingVerdict.No, $"app and merchant number do not belong together ({code})", "Bind the app to the merchant number (产品中心 > AppID账号管理)."),
        _ when WeChatPayCodes.ClassOf(code) is WeChatPayCodeClass.Busy => new(RailCheck.Product, FindingVerdict.Unknown, $"the rail is busy ({code})", "Ask again later."),
        _ => new(RailCheck.Product, FindingVerdict.Yes, $"the rail answers questions about agreements ({result} {code})".Replace(" )", ")", StringComparison.Ordinal)),
    };
}
