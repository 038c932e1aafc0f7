using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Alipay;

namespace Renewals.Host.Demo.Rails;

/// <summary>Alipay in the demo: signed by page, wallet link and mini program, charged inside the windows of the rail's own dates.</summary>
/// <remarks>The rail asks for no notice of its own; the member's is the merchant's.</remarks>
internal sealed class AlipayDemoRail(AlipaySandbox sandbox) : DemoRail
{
    /// <summary>Above three seconds the rail accepts first and executes later.</summary>
    private static readonly NodaTime.Duration AtOnce = NodaTime.Duration.FromSeconds(3);

    public static AlipayDemoRail Open(Draws draws, SandboxBank bank, TimeProvider time) => new(new(
        new AlipaySandboxOptions { Deductions = draw => Decide(draws.Charge(draw.Member, draw.OrderNumber)), CallbacksAtOnce = 16 }, bank, time));

    public override ISandboxRail Sandbox => sandbox;

    public override string Template => "INDUSTRY|DIGITAL_MEDIA";

    public override void AddGateway(IServiceCollection services, Uri rail, Uri callbacks)
    {
        sandbox.MerchantNotifyUrl = callbacks;
        services.AddAlipay(options =>
        {
            sandbox.Configure(options, rail, callbacks);
            options.BrowserPage = AlipayBrowserPage.WalletLink;
            DemoWorld.Hurry(options.Resilience);
        });
    }

    // The rail pays and signs in one step from an app or a mini program only.
    public override SignRequest Introduce(SignRequest request, DemoMember member) =>
        member.PaysWhileSigning && member.Scene is SigningScene.OfficialAccount or SigningScene.MobileBrowser
            ? request with { Scene = SigningScene.App }
            : request;

    public override async Task SignAsync(DemoWallet wallet, SigningPage page, DemoMember member, AgreementId agreement, CancellationToken cancellation)
    {
        await wallet.OpenAsync(AddressOf(page), cancellation);
        if (member.PaysWhileSigning)
            await wallet.PostAsync(
                $"/alipay/signings/{agreement.SigningCode}/pay", new { member = member.Name, renew = member.KeepsRenewal ? "true" : "false" }, cancellation);
        else
            await wallet.PostAsync($"/alipay/signings/{agreement.SigningCode}/confirm", new { member = member.Name }, cancellation);
    }

    /// <summary>What the member's device asks the rail with: the page itself, or the signed string behind a link or a program.</summary>
    private static Uri AddressOf(SigningPage page) => page switch
    {
        SigningPage.Redirect { Address: { Scheme: "alipays" } link } => new(Query(link.OriginalString, "url")),
        SigningPage.Redirect { Address: var address } => address,
        SigningPage.SdkParameters { Values: var values } when values.TryGetValue("orderStr", out var order) => Wallet(order),
        SigningPage.SdkParameters { Values: var values } when values.TryGetValue("scheme", out var scheme) => Wallet(Query(scheme, "sign_params")),
        SigningPage.SdkParameters { Values: var values } => Wallet(Uri.UnescapeDataString(values["signStr"])),
        _ => throw new InvalidOperationException($"Alipay gives no {page.GetType().Name} in the demo."),
    };

    private static Uri Wallet(string signed) => new($"/alipay/wallet?{signed}", UriKind.Relative);

    private static string Query(string link, string name) =>
        Uri.UnescapeDataString(link.Split('?', 2)[1].Split('&').Single(pair => pair.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..]);

    private static DeductionDecision Decide(DrawnCharge drawn) => new()
    {
        FailWith = drawn.Decline switch
        {
            null => null,
            DeclineReason.InsufficientFunds => "ACQ.BUYER_BALANCE_NOT_ENOUGH",
            DeclineReason.LimitReached => "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
            DeclineReason.BankFault => "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
            DeclineReason.AccountAbnormal => "ACQ.BUYER_ENABLE_STATUS_FORBID",
            _ => "ACQ.PAYMENT_FAIL",
        },
        ExecutedAfter = drawn.SettleDelay > AtOnce ? drawn.SettleDelay : null,
        FirstAnswer = drawn.Answer switch
        {
            DrawnAnswer.LostAfter => PayAnswer.LostAfterExecution,
            DrawnAnswer.LostBefore => PayAnswer.LostBeforeExecution,
            DrawnAnswer.SystemError => drawn.Shape < 0.5 ? PayAnswer.UnknownBeforeExecution : PayAnswer.UnknownAfterExecution,
            DrawnAnswer.Given => PayAnswer.Given,
            _ => throw new InvalidOperationException("No such answer."),
        },
        Notification = new AlipayNotificationFate { Lost = drawn.CallbackLost, Copies = drawn.CallbackCopies },
    };
}
