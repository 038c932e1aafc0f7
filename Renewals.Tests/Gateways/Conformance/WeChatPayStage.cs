using System.Text;
using System.Text.RegularExpressions;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;
using Renewals.Tests.Sandbox;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>WeChat Pay's sandbox as a stage.</summary>
internal sealed partial class WeChatPayStage : SandboxStage<WeChatPaySandbox>
{
    public WeChatPayNoticeMode NoticeMode { get; init; } = WeChatPayNoticeMode.PreNotice;

    public WeChatPayRefundInterface RefundInterface { get; init; } = WeChatPayRefundInterface.V3;

    public override IReadOnlyDictionary<string, DeclineReason> Declines { get; } = new Dictionary<string, DeclineReason>
    {
        ["NOTENOUGH"] = DeclineReason.InsufficientFunds, ["RULELIMIT"] = DeclineReason.LimitReached,
        ["USER_ACCOUNT_ABNORMAL"] = DeclineReason.AccountAbnormal, ["CONTRACT_NOT_EXIST"] = DeclineReason.AgreementNotInForce,
        ["BANKERROR"] = DeclineReason.BankFault, ["ORDERCLOSED"] = DeclineReason.OrderClosed, ["TRADE_ERROR"] = DeclineReason.Other,
        ["A_CODE_OF_NEXT_YEAR"] = DeclineReason.Other,
    };

    public override SigningRequest NewSigning(AgreementId agreement, string member, SigningPlan plan) => new(
        agreement, NoticeMode == WeChatPayNoticeMode.PreNotice ? "90001" : "90024", SigningScene.App, member, "10.1.2.3", null, Now, null, plan);

    public override Callback WithoutSignature(Callback genuine) => CarriesTime(genuine)
        ? genuine with { Headers = genuine.Headers.Where(header => header.Key != "Wechatpay-Signature").ToDictionary() }

        // A refund by API v2 has no signature: that it can be decrypted is its proof.
        : genuine with { Body = Encoding.UTF8.GetBytes(SignatureField().Replace(Encoding.UTF8.GetString(genuine.Body.Span), "")) };

    protected override WeChatPaySandbox OpenRail(SandboxBank bank) => new(
        new() { Credentials = SandboxWorld.Credentials, CallbackTimeLimit = TimeSpan.FromSeconds(60) }, bank, Clock);

    protected override async Task<IPaymentGateway> NewAdapterAsync(Func<HttpClient> http, CancellationToken cancellation)
    {
        var options = new WeChatPayOptions { NoticeMode = NoticeMode, RefundInterface = RefundInterface };
        Rail.Configure(options, Address, CallbackAddress);
        RetryAtOnce(options.Resilience);
        var adapter = new WeChatPayGateway(options, http, Clock);
        (await adapter.RefreshPlatformKeysAsync(cancellation)).Should().BeNull("the certificate comes from the sandbox");
        return adapter;
    }

    protected override bool IsMoneyCall(HttpRequestMessage request, string text) =>
        request.Method == HttpMethod.Post && (request.RequestUri!.AbsolutePath is "/pay/pappayapply" or "/secapi/pay/refund" or "/v3/refund/domestic/refunds");

    protected override bool CarriesTime(Callback callback) => callback.Headers.ContainsKey("Wechatpay-Timestamp");

    [GeneratedRegex("<sign>.*?</sign>|<req_info>.*?</req_info>")]
    private static partial Regex SignatureField();
}
