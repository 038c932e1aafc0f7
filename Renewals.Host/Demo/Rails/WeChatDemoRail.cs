using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Host.Demo.Rails;

/// <summary>WeChat Pay in the demo: four ways to sign, a notice at the rail before each charge.</summary>
internal sealed class WeChatDemoRail(WeChatPaySandbox sandbox) : DemoRail
{
    private ILookup<string, Sandbox.WeChatPay.RailNotice>? notices;

    public static WeChatDemoRail Open(Draws draws, SandboxBank bank, TimeProvider time) => new(new(
        new WeChatPaySandboxOptions { Charges = draw => Decide(draws.Charge(draw.Member, draw.OrderNumber)), CallbacksAtOnce = 16 }, bank, time));

    public override ISandboxRail Sandbox => sandbox;

    public override string Template => "90001";

    public override void AddGateway(IServiceCollection services, Uri rail, Uri callbacks)
    {
        sandbox.MerchantNotifyUrl = callbacks;
        services.AddWeChatPay(options =>
        {
            sandbox.Configure(options, rail, callbacks);
            DemoWorld.Hurry(options.Resilience);
        });
    }

    public override SignRequest Introduce(SignRequest request, DemoMember member) => request with { PayerId = sandbox.OpenIdOf(member.Name) };

    public override async Task SignAsync(DemoWallet wallet, SigningPage page, DemoMember member, AgreementId agreement, CancellationToken cancellation)
    {
        if (page is SigningPage.Redirect { Address: var address })
            await wallet.OpenAsync(address, cancellation);
        if (member.PaysWhileSigning)
        {
            var prepay = sandbox.PendingSignings.Single(signing => signing.ContractCode == agreement.SigningCode).PrepayId;
            await wallet.PostAsync($"/wechat/cashier/{prepay}/pay", new { member = member.Name, renew = member.KeepsRenewal ? "true" : "false" }, cancellation);
        }
        else if (page is SigningPage.MiniProgram mini)
        {
            await wallet.PostAsync("/wechat/mini-program", new { member = member.Name, extraData = mini.ExtraData }, cancellation);
        }
        else
        {
            await wallet.PostAsync($"/wechat/signings/{agreement.SigningCode}/confirm", new { member = member.Name }, cancellation);
        }
    }

    // Two calendar days after a notice the rail took, and seven days long.
    public override bool WasAnnouncedAtRail(BankEntry payment, SandboxAgreement agreement)
    {
        notices ??= sandbox.RailNotices.ToLookup(notice => notice.ContractId, StringComparer.Ordinal);
        var zone = RenewalZones.Get(RenewalZones.Shanghai);
        var day = payment.At.InZone(zone).Date;
        return payment.Under == ExecutedUnder.FirstChargeException || notices[agreement.RailAgreementId].Any(notice =>
        {
            var noticeDay = notice.At.InZone(zone).Date;
            return notice.Accepted && notice.Amount.Currency == payment.Amount.Currency && notice.Amount.MinorUnits >= payment.Amount.MinorUnits
                && day >= noticeDay.PlusDays(2) && day <= noticeDay.PlusDays(8);
        });
    }

    private static ChargeDecision Decide(DrawnCharge drawn) => new()
    {
        FailWith = drawn.Decline switch
        {
            null => null,
            DeclineReason.InsufficientFunds => "NOTENOUGH",
            DeclineReason.LimitReached => "RULELIMIT",
            DeclineReason.BankFault => "BANKERROR",
            DeclineReason.AccountAbnormal => "USER_ACCOUNT_ABNORMAL",
            _ => "TRADE_ERROR",
        },
        Shape = (FailureShape)(int)(drawn.Shape * 3),
        SettleDelay = drawn.SettleDelay,
        FirstAnswer = drawn.Answer switch
        {
            DrawnAnswer.LostAfter => ApplyAnswer.LostAfterAcceptance,
            DrawnAnswer.LostBefore => ApplyAnswer.LostBeforeAcceptance,
            DrawnAnswer.SystemError => ApplyAnswer.SystemError,
            DrawnAnswer.Given => ApplyAnswer.Given,
            _ => throw new InvalidOperationException("No such answer."),
        },
        Callback = new CallbackFate { Lost = drawn.CallbackLost, Copies = drawn.CallbackCopies },
    };
}
