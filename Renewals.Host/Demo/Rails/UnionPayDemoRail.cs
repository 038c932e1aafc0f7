using System.Text.RegularExpressions;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Host.Demo.Rails;

/// <summary>UnionPay in the demo: cards the merchant hands over, a page with a code, no repeat of an order, absence proved by settlement files.</summary>
internal sealed partial class UnionPayDemoRail(UnionPaySandbox sandbox) : DemoRail
{
    private static readonly Duration Unseen = Duration.FromMinutes(2);

    public static UnionPayDemoRail Open(Draws draws, SandboxBank bank, TimeProvider time) => new(new(
        new UnionPaySandboxOptions
        {
            Collections = draw => Decide(draws.Charge(draw.Member, draw.OrderNumber)), CallbacksAtOnce = 16,

            // A day without business has a file of its own: nobody waits a day for one that never comes.
            EmptyFiles = true,
        },
        bank, time));

    public override ISandboxRail Sandbox => sandbox;

    /// <summary>The kind of charge (<c>billType</c>).</summary>
    public override string Template => "01";

    public override void AddGateway(IServiceCollection services, Uri rail, Uri callbacks)
    {
        sandbox.MerchantNotifyUrl = callbacks;
        services.AddUnionPay(options =>
        {
            sandbox.Configure(options, rail, callbacks);
            DemoWorld.Hurry(options.Resilience);
        });
    }

    public override SignRequest Introduce(SignRequest request, DemoMember member)
    {
        var card = sandbox.CardOf(member.Name);
        return request with { Card = new PayerCard(card.Number, card.Holder, "01", card.CertificateNumber, card.Phone) };
    }

    public override async Task SignAsync(DemoWallet wallet, SigningPage page, DemoMember member, AgreementId agreement, CancellationToken cancellation)
    {
        var form = (SigningPage.Form)page;
        var shown = await wallet.SubmitAsync(form.Address, form.Fields, cancellation);
        if (Button().Match(shown) is not { Success: true } button)
            throw new InvalidOperationException($"{member.Name} was shown no page to confirm.");
        await wallet.SubmitAsync(
            new Uri(form.Address, button.Groups["action"].Value), [new("smsCode", UnionPaySandbox.SmsCode)], cancellation);
    }

    private static CollectionDecision Decide(DrawnCharge drawn) => new()
    {
        FailWith = drawn.Decline is { } reason ? CodeOf(reason, drawn.Shape) : null,
        RefusedAtOnce = drawn.Shape < 0.3,
        SettleDelay = drawn.SettleDelay,
        Answer = drawn.Answer switch
        {
            DrawnAnswer.LostAfter => AnswerFate.LostAnswer,
            DrawnAnswer.LostBefore => AnswerFate.LostRequest,
            DrawnAnswer.SystemError or DrawnAnswer.Given => AnswerFate.Given,
            _ => throw new InvalidOperationException("No such answer."),
        },
        AnswerCode = drawn.Answer == DrawnAnswer.SystemError ? "04" : "00",
        HiddenFor = drawn.Shape > 0.95 ? Unseen : Duration.Zero,
        SettledNextDay = drawn.Shape > 0.97,
        Notification = new NotificationFate { Lost = drawn.CallbackLost, Copies = drawn.CallbackCopies },
    };

    // Several codes mean the same; each has its turn.
    private static string CodeOf(DeclineReason reason, double shape) => reason switch
    {
        DeclineReason.InsufficientFunds => shape < 0.5 ? "64" : "90",
        DeclineReason.LimitReached => shape < 0.5 ? "33" : "81",
        DeclineReason.BankFault => shape < 0.5 ? "06" : "99",
        DeclineReason.AccountAbnormal => shape < 0.5 ? "63" : "73",
        DeclineReason.AgreementNotInForce => "72",
        DeclineReason.Other => shape < 0.5 ? "60" : "01",
        _ => throw new InvalidOperationException($"{reason} is not drawn."),
    };

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>/gateway/front/[0-9a-f]+/confirm)\">")]
    private static partial Regex Button();
}
