using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxAdapterEndToEndTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(SigningScene.OfficialAccount)]
    [InlineData(SigningScene.App)]
    [InlineData(SigningScene.MobileBrowser)]
    [InlineData(SigningScene.MiniProgram)]
    public async Task Every_scene_signs(SigningScene scene)
    {
        await using var merchant = await AdapterWorld.StartAsync();
        var (world, id) = (merchant.World, AdapterWorld.Agreement(1));
        var answer = await merchant.Gateway.StartSigningAsync(merchant.Signing(id, scene), None);
        var result = await SignAsync(world, answer.Should().BeOfType<SigningAnswer.Ready>().Subject.Page, id.SigningCode);
        result.Refusal.Should().BeNull();
        await world.RunForAsync(5);

        var news = merchant.Readings.Should().ContainSingle().Which.Should().BeOfType<CallbackReading.OfAgreement>().Subject;
        var active = news.Answer.Should().BeOfType<AgreementAnswer.Active>().Subject;
        (news.SigningCode, active.RailAgreementId, active.PayerId).Should().Be((id.SigningCode, result.RailAgreementId!, world.Sandbox.OpenIdOf("ann")));
        (await merchant.Gateway.QueryAgreementAsync(AdapterWorld.Order(id), None)).Should().Be(active);
    }

    [Theory]
    [InlineData(SigningScene.App)]
    [InlineData(SigningScene.MobileBrowser)]
    [InlineData(SigningScene.OfficialAccount)]
    public async Task The_first_period_is_paid_while_signing(SigningScene scene)
    {
        await using var merchant = await AdapterWorld.StartAsync();
        var (world, id) = (merchant.World, AdapterWorld.Agreement(1));
        var first = new FirstPaymentOrder(AdapterWorld.Number(1), Money.Cny(900), "first month", world.Now + Duration.FromMinutes(30));
        var request = merchant.Signing(id, scene, first, world.Sandbox.OpenIdOf("ann"));
        var page = (await merchant.Gateway.StartSigningAsync(request, None)).Should().BeOfType<SigningAnswer.Ready>().Subject.Page;
        var prepay = page switch
        {
            SigningPage.SdkParameters sdk => sdk.Values.TryGetValue("prepayid", out var app) ? app : sdk.Values["package"].Split('=')[1],
            SigningPage.Redirect redirect => redirect.Address.Segments[^1],
            _ => throw new InvalidOperationException(page.ToString()),
        };
        (await world.Sandbox.PayAsync(prepay, "ann")).ContractId.Should().NotBeNull();
        await world.RunForAsync(5);

        merchant.Readings.OfType<CallbackReading.OfAgreement>().Should().ContainSingle();
        var paid = merchant.Readings.OfType<CallbackReading.OfCharge>().Should().ContainSingle().Subject;
        var succeeded = paid.Answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Subject;
        succeeded.Amount.Should().Be(Money.Cny(900));
        var order = new ChargeOrder(first.Number, AdapterWorld.Order(id), first.Amount, first.Subject, world.Now, PaidWhileSigning: true);
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should().Be(succeeded);
        world.Bank.Entries.Should().ContainSingle().Which.Under.Should().Be(ExecutedUnder.Cashier);
    }

    [Fact]
    public async Task A_failed_pre_signing_is_closed_by_the_adapter()
    {
        await using var merchant = await AdapterWorld.StartAsync(new() { PreSignFails = _ => true });
        var first = new FirstPaymentOrder(AdapterWorld.Number(1), Money.Cny(900), "first month", merchant.World.Now + Duration.FromMinutes(30));
        var answer = await merchant.Gateway.StartSigningAsync(merchant.Signing(AdapterWorld.Agreement(1), SigningScene.App, first), None);
        answer.Should().NotBeOfType<SigningAnswer.Ready>();
        (await merchant.World.QueryAsync(first.Number.ToString(), "/pay/orderquery"))["trade_state"].Should().Be("CLOSED");
    }

    [Fact]
    public async Task A_signing_that_exists_is_said_so()
    {
        await using var merchant = await AdapterWorld.StartAsync();
        await merchant.SignedAsync();
        var first = new FirstPaymentOrder(AdapterWorld.Number(1), Money.Cny(900), "first month", merchant.World.Now + Duration.FromMinutes(30));
        var request = merchant.Signing(AdapterWorld.Agreement(2), SigningScene.OfficialAccount, first, merchant.World.Sandbox.OpenIdOf("ann"));
        (await merchant.Gateway.StartSigningAsync(request, None)).Should().BeOfType<SigningAnswer.AlreadySigned>();
    }

    [Fact]
    public async Task A_renewal_is_announced_charged_told_queried_and_listed()
    {
        await using var merchant = await AdapterWorld.StartAsync();
        var (world, gateway) = (merchant.World, merchant.Gateway);
        var agreement = await merchant.SignedAsync();
        (await merchant.FetchKeysAsync()).Should().BeNull("the certificate comes from the sandbox");
        (await gateway.AnnounceAtRailAsync(new(agreement, Money.Cny(1500)), None)).Should().BeOfType<RailNoticeAnswer.Accepted>();
        (await gateway.AnnounceAtRailAsync(new(agreement, Money.Cny(1500)), None)).Should().BeOfType<RailNoticeAnswer.Refused>();
        var early = merchant.Charge(agreement, 2);
        (await gateway.ChargeAsync(early, None)).Outcome.Should().BeOfType<ChargeOutcome.Refused>().Which.RailCode.Should().Be("INVALID_REQUEST");
        (await gateway.QueryChargeAsync(early, None)).Outcome.Should().BeOfType<ChargeOutcome.Missing>();

        world.MoveTo(SandboxWorld.Beijing(3, 8));
        var order = merchant.Charge(agreement, 2);
        (await gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        (await gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        await world.RunForAsync(5);
        var paid = merchant.Readings.OfType<CallbackReading.OfCharge>().Should().ContainSingle().Subject;
        paid.OrderNumber.Should().Be(order.Number.ToString());
        var succeeded = paid.Answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Subject;
        (await gateway.QueryChargeAsync(order, None)).Outcome.Should().Be(succeeded);
        world.Bank.Entries.Should().ContainSingle().Which.TransactionId.Should().Be(succeeded.RailTransaction);

        (await gateway.ReadStatementAsync(new LocalDate(2026, 5, 3), None)).Should().BeOfType<StatementAnswer.NotReady>();
        world.MoveTo(SandboxWorld.Beijing(4, 10));
        var lines = (await gateway.ReadStatementAsync(new LocalDate(2026, 5, 3), None)).Should().BeOfType<StatementAnswer.Ready>().Subject.Lines;
        lines.Should().ContainSingle().Which.Should().Be(new StatementLine(order.Number.ToString(), null, order.Amount, succeeded.RailTransaction, succeeded.PaidAt));
        (await gateway.ReadStatementAsync(new LocalDate(2026, 5, 2), None)).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FailureShape.A, true)]
    [InlineData(FailureShape.B, true)]
    [InlineData(FailureShape.C, false)]
    public async Task A_decline_is_told_in_every_shape_and_proved_by_the_query(FailureShape shape, bool conclusive)
    {
        await using var merchant = await AdapterWorld.StartAsync(new() { Charges = _ => ChargeDecision.Fail("NOTENOUGH", shape) });
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        await merchant.Gateway.ChargeAsync(order, None);
        await merchant.World.RunForAsync(5);
        var told = merchant.Readings.OfType<CallbackReading.OfCharge>().Should().ContainSingle().Subject.Answer;
        (told.Outcome is ChargeOutcome.Declined && told.Evidence == Evidence.Conclusive).Should().Be(conclusive);
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should()
            .Be(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH"));
        (await merchant.Gateway.ChargeAsync(order, None)).Outcome.Should().NotBeOfType<ChargeOutcome.Pending>("the number is used up");
        (await merchant.Gateway.ChargeAsync(order with { Number = AdapterWorld.Number(1, 2) }, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
    }

    [Theory]
    [InlineData(SandboxFault.LoseAnswer)]
    [InlineData(SandboxFault.ReturnFail)]
    [InlineData(SandboxFault.BadSignature)]
    [InlineData(SandboxFault.SystemError)]
    public async Task Whatever_goes_wrong_the_money_is_taken_once(SandboxFault fault)
    {
        await using var merchant = await AdapterWorld.StartAsync(configure: options => options.Resilience.Retries = 0);
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        merchant.World.Sandbox.InjectFault(order.Number.ToString(), fault);
        (await merchant.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        (await merchant.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>("a byte-identical repeat is the same order");
        await merchant.World.RunForAsync(5);
        merchant.World.Bank.Entries.Should().ContainSingle();
    }

    [Theory]
    [InlineData(WeChatPayRefundInterface.V3)]
    [InlineData(WeChatPayRefundInterface.V2WithCertificate)]
    public async Task Refunds_go_back_and_are_told_queried_and_listed(WeChatPayRefundInterface by)
    {
        await using var merchant = await AdapterWorld.StartAsync(configure: options => options.RefundInterface = by);
        var (world, gateway) = (merchant.World, merchant.Gateway);
        await merchant.FetchKeysAsync();
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        await gateway.ChargeAsync(order, None);
        await world.RunForAsync(5);
        var refund = new RefundOrder(order.Number.Refund(1), order.Amount, Money.Cny(600), "goodwill", "", world.Now);
        (await gateway.QueryRefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Missing>();
        (await gateway.RefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Pending>();
        await world.RunForAsync(10);

        var told = merchant.Readings.OfType<CallbackReading.OfRefund>().Should().ContainSingle().Subject;
        told.Answer.Should().BeOfType<RefundAnswer.Refunded>().Which.Amount.Should().Be(Money.Cny(600));
        (await gateway.QueryRefundAsync(refund, None)).Should().Be(told.Answer);
        world.MoveTo(SandboxWorld.Beijing(2, 10));
        var lines = (StatementAnswer.Ready)await gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None);
        lines.Lines.Select(line => (line.RefundNumber, line.Amount.MinorUnits)).Should()
            .BeEquivalentTo([((string?)null, 1500L), (refund.Number.ToString(), 600L)]);
    }

    [Fact]
    public async Task An_agreement_ended_by_the_member_is_told_and_ending_it_again_is_no_error()
    {
        await using var merchant = await AdapterWorld.StartAsync();
        var agreement = await merchant.SignedAsync();
        await merchant.World.Sandbox.TerminateAsync(agreement.RailAgreementId!, TerminationMode.Member);
        await merchant.World.RunForAsync(5);
        merchant.Readings.OfType<CallbackReading.OfAgreement>().Last().Answer.Should().BeOfType<AgreementAnswer.Terminated>()
            .Which.Mode.Should().Be(TerminationMode.Member);
        (await merchant.Gateway.TerminateAgreementAsync(agreement, "again", None)).Should().BeOfType<AgreementAnswer.Terminated>();
        (await merchant.Gateway.ChargeAsync(merchant.Charge(agreement, 1), None)).Outcome.Should().BeOfType<ChargeOutcome.Declined>();
    }

    [Fact]
    public async Task With_HMAC_signatures_and_a_public_key_everything_still_fits()
    {
        await using var merchant = await AdapterWorld.StartAsync(new() { KeyMode = PlatformKeyMode.PublicKey }, options =>
        {
            options.SignType = WeChatPaySignType.HmacSha256;
            options.DownloadPlatformCertificates = false;
            options.PlatformPublicKeysPem[SandboxWorld.Credentials.PublicKeyId] = SandboxWorld.Credentials.PlatformPublicKeyPem;
        });
        var agreement = await merchant.SignedAsync();
        (await merchant.Gateway.AnnounceAtRailAsync(new(agreement, Money.Cny(1500)), None)).Should().BeOfType<RailNoticeAnswer.Accepted>();
        merchant.World.MoveTo(SandboxWorld.Beijing(3, 7));
        await merchant.Gateway.ChargeAsync(merchant.Charge(agreement, 1), None);
        await merchant.World.RunForAsync(5);
        merchant.Readings.Last().Should().BeOfType<CallbackReading.OfCharge>().Which.Answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
    }

    private static async Task<SandboxSigning> SignAsync(SandboxWorld world, SigningPage page, string code)
    {
        switch (page)
        {
            case SigningPage.Redirect redirect:
                (await world.GetAsync(redirect.Address.PathAndQuery)).Should().Contain($"/wechat/signings/{code}/confirm");
                return await world.Sandbox.ConfirmSigningAsync(code, "ann");
            case SigningPage.SdkParameters sdk:
                return await world.Sandbox.ConfirmSigningAsync(sdk.Values["pre_entrustweb_id"], "ann");
            case SigningPage.MiniProgram program:
                using (var answer = await world.PostJsonAsync(
                    "/wechat/mini-program", JsonSerializer.Serialize(new { member = "ann", extraData = program.ExtraData })))
                    return new SandboxSigning(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("contract_id").GetString(), null);
            default:
                throw new InvalidOperationException(page.ToString());
        }
    }
}
