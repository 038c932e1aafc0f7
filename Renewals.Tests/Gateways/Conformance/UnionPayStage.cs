using System.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;
using Renewals.Tests.Sandbox.UnionPay;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>UnionPay's sandbox as a stage.</summary>
internal sealed class UnionPayStage : SandboxStage<UnionPaySandbox>
{
    public UnionPaySandboxOptions Options { get; init; } = new();

    public override IReadOnlyDictionary<string, DeclineReason> Declines { get; } = new Dictionary<string, DeclineReason>
    {
        ["64"] = DeclineReason.InsufficientFunds, ["81"] = DeclineReason.LimitReached, ["63"] = DeclineReason.AccountAbnormal,
        ["66"] = DeclineReason.AccountAbnormal, ["72"] = DeclineReason.AgreementNotInForce, ["69"] = DeclineReason.OrderClosed,
        ["06"] = DeclineReason.BankFault, ["01"] = DeclineReason.Other,
    };

    public override SigningRequest NewSigning(AgreementId agreement, string member, SigningPlan plan)
    {
        var card = Rail.CardOf(member);
        return new(
            agreement, "01", SigningScene.MobileBrowser, member, "10.1.2.3", null, Now, null, plan,
            new PayerCard(card.Number, card.Holder, "01", card.CertificateNumber, card.Phone));
    }

    public override async Task<AgreementOrder?> ConfirmSigningAsync(
        SigningRequest request, SigningAnswer answer, string member, CancellationToken cancellation)
    {
        var page = (SigningPage.Form)((SigningAnswer.Ready)answer).Page;
        using var form = new FormUrlEncodedContent(page.Fields);
        using var shown = await Browser.PostAsync(page.Address, form, cancellation);
        return await base.ConfirmSigningAsync(request, answer, member, cancellation);
    }

    public override Callback WithoutSignature(Callback genuine) => genuine with
    {
        Body = Encoding.ASCII.GetBytes(string.Join('&', Encoding.ASCII.GetString(genuine.Body.Span).Split('&').Where(field => !field.StartsWith("signature=")))),
    };

    protected override UnionPaySandbox OpenRail(SandboxBank bank) => new(
        Options with { Credentials = UnionPayWorld.Credentials, CallbackTimeLimit = TimeSpan.FromSeconds(60) }, bank, Clock);

    protected override Task<IPaymentGateway> NewAdapterAsync(Func<HttpClient> http, CancellationToken cancellation)
    {
        var options = new UnionPayOptions();
        Rail.Configure(options, Address, CallbackAddress);
        RetryAtOnce(options.Resilience);
        return Task.FromResult<IPaymentGateway>(new UnionPayGateway(options, http, Clock));
    }

    protected override bool IsMoneyCall(HttpRequestMessage request, string text) =>
        request.RequestUri!.AbsolutePath == GatewayPaths.Back && new[] { "11", "04", "31" }.Any(type => text.Contains($"txnType={type}"));

    protected override bool CarriesTime(Callback callback) => false;
}
