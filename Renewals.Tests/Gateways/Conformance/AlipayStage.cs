using System.Text;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Alipay;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>Alipay's sandbox as a stage.</summary>
internal sealed class AlipayStage : SandboxStage<AlipaySandbox>
{
    /// <summary>Made once: RSA keys are slow to make.</summary>
    private static readonly AlipaySandboxCredentials Credentials = AlipaySandboxCredentials.Generate(Instant.FromUtc(2026, 1, 1, 0, 0));

    public override IReadOnlyDictionary<string, DeclineReason> Declines { get; } = new Dictionary<string, DeclineReason>
    {
        ["ACQ.BUYER_BALANCE_NOT_ENOUGH"] = DeclineReason.InsufficientFunds, ["ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"] = DeclineReason.LimitReached,
        ["ACQ.BUYER_ENABLE_STATUS_FORBID"] = DeclineReason.AccountAbnormal, ["ACQ.AGREEMENT_NOT_EXIST"] = DeclineReason.AgreementNotInForce,
        ["ACQ.PAYMENT_FAIL"] = DeclineReason.Other,
    };

    public override SigningRequest NewSigning(AgreementId agreement, string member, SigningPlan plan) =>
        new(agreement, "INDUSTRY|DIGITAL_MEDIA", SigningScene.MobileBrowser, member, "10.1.2.3", null, Now, null, plan);

    public override async Task<AgreementOrder?> ConfirmSigningAsync(
        SigningRequest request, SigningAnswer answer, string member, CancellationToken cancellation)
    {
        await Browser.GetStringAsync(((SigningPage.Redirect)((SigningAnswer.Ready)answer).Page).Address, cancellation);
        return await base.ConfirmSigningAsync(request, answer, member, cancellation);
    }

    public override Callback WithoutSignature(Callback genuine) => genuine with
    {
        Body = Encoding.UTF8.GetBytes(string.Join('&', Encoding.UTF8.GetString(genuine.Body.Span).Split('&').Where(field => !field.StartsWith("sign=")))),
    };

    protected override AlipaySandbox OpenRail(SandboxBank bank) => new(
        new() { Credentials = Credentials, CallbackTimeLimit = TimeSpan.FromSeconds(60) }, bank, Clock);

    protected override Task<IPaymentGateway> NewAdapterAsync(Func<HttpClient> http, CancellationToken cancellation)
    {
        var options = new AlipayOptions();
        Rail.Configure(options, Address, CallbackAddress);
        RetryAtOnce(options.Resilience);
        return Task.FromResult<IPaymentGateway>(new AlipayGateway(options, http, Clock));
    }

    protected override bool IsMoneyCall(HttpRequestMessage request, string text) => text.Contains("alipay.trade.pay") || text.Contains("alipay.trade.refund");

    protected override string OrderIn(string call) =>
        string.Join('&', call.Split('&').Where(field => !field.StartsWith("timestamp=") && !field.StartsWith("sign=")));

    protected override bool CarriesTime(Callback callback) => true;
}
