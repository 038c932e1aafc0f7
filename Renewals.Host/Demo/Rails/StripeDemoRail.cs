using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Stripe;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Stripe;

namespace Renewals.Host.Demo.Rails;

/// <summary>Stripe in the demo: members save a card on the rail's page, with or without paying; who pays there also signs.</summary>
internal sealed class StripeDemoRail(StripeSandbox sandbox) : DemoRail
{
    public static StripeDemoRail Open(Draws draws, SandboxBank bank, TimeProvider time) => new(new(
        new StripeSandboxOptions { Charges = draw => Decide(draws.Charge(draw.Member, draw.OrderNumber)), CallbacksAtOnce = 16 }, bank, time));

    public override ISandboxRail Sandbox => sandbox;

    public override string Template => "card";

    public override void AddGateway(IServiceCollection services, Uri rail, Uri callbacks)
    {
        sandbox.MerchantNotifyUrl = callbacks;
        services.AddStripe(options =>
        {
            sandbox.Configure(options, rail, callbacks);
            DemoWorld.Hurry(options.Resilience);
        });
    }

    public override async Task SignAsync(DemoWallet wallet, SigningPage page, DemoMember member, AgreementId agreement, CancellationToken cancellation)
    {
        if (page is not SigningPage.Redirect { Address: var address })
            throw new InvalidOperationException($"Stripe signs on a page of its own, not on {page}.");
        await wallet.OpenAsync(address, cancellation);
        await wallet.PostAsync($"{address.AbsolutePath}/confirm", new { member = member.Name }, cancellation);
    }

    private static StripeChargeDecision Decide(DrawnCharge drawn) => new()
    {
        DeclineCode = drawn.Decline switch
        {
            null => null,
            DeclineReason.InsufficientFunds => "insufficient_funds",
            DeclineReason.LimitReached => "card_velocity_exceeded",
            DeclineReason.BankFault => "try_again_later",
            DeclineReason.AccountAbnormal => "stolen_card",
            _ => "do_not_honor",
        },

        // Most cards are decided at once; the slow draws of other rails are this one's "processing".
        ProcessingFor = drawn.SettleDelay > NodaTime.Duration.FromSeconds(10) ? drawn.SettleDelay : NodaTime.Duration.Zero,
        FirstAnswer = drawn.Answer switch
        {
            DrawnAnswer.LostAfter => StripeFault.LoseAnswer,
            DrawnAnswer.LostBefore => StripeFault.LoseRequest,
            DrawnAnswer.SystemError => StripeFault.ServerError,
            DrawnAnswer.Given => null,
            _ => throw new InvalidOperationException("No such answer."),
        },
        Copies = drawn.CallbackLost ? 0 : drawn.CallbackCopies,
    };
}
