using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Stripe;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Stripe;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>Stripe's sandbox as a stage.</summary>
internal sealed class StripeStage : SandboxStage<StripeSandbox>
{
    public override Money Price => new(1500, "USD");

    public override IReadOnlyDictionary<string, DeclineReason> Declines { get; } = new Dictionary<string, DeclineReason>
    {
        ["insufficient_funds"] = DeclineReason.InsufficientFunds, ["card_velocity_exceeded"] = DeclineReason.LimitReached,
        ["expired_card"] = DeclineReason.AccountAbnormal, ["authentication_required"] = DeclineReason.AgreementNotInForce,
        ["processing_error"] = DeclineReason.BankFault, ["do_not_honor"] = DeclineReason.Other, ["a_code_of_next_year"] = DeclineReason.Other,
    };

    public override SigningRequest NewSigning(AgreementId agreement, string member, SigningPlan plan) =>
        new(agreement, "card", SigningScene.MobileBrowser, member, null, null, Now, null, plan);

    public override Callback WithoutSignature(Callback genuine) =>
        genuine with { Headers = genuine.Headers.Where(header => header.Key != StripeSignature.Header).ToDictionary() };

    protected override StripeSandbox OpenRail(SandboxBank bank) => new(new() { CallbackTimeLimit = TimeSpan.FromSeconds(60) }, bank, Clock);

    protected override Task<IPaymentGateway> NewAdapterAsync(Func<HttpClient> http, CancellationToken cancellation)
    {
        var options = new StripeOptions();
        Rail.Configure(options, Address, CallbackAddress);
        RetryAtOnce(options.Resilience);
        return Task.FromResult<IPaymentGateway>(new StripeGateway(options, http, Clock));
    }

    protected override string PageOf(SigningRequest request, SigningAnswer answer) =>
        ((SigningPage.Redirect)((SigningAnswer.Ready)answer).Page).Address.Segments[^1];

    protected override bool IsMoneyCall(HttpRequestMessage request, string text) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath is "/v1/payment_intents" or "/v1/refunds";

    protected override bool CarriesTime(Callback callback) => true;
}
