using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

public class UnionPayAdapterEndToEndTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(EntrustGeneration.A, "01", "5.1.0", true)]
    [InlineData(EntrustGeneration.B, "01", "5.1.0", true)]
    [InlineData(EntrustGeneration.C, "01", "5.1.0", true)]
    [InlineData(EntrustGeneration.C, "01", "5.1.0", false)]
    [InlineData(EntrustGeneration.C, "01", "5.0.0", true)]
    [InlineData(EntrustGeneration.C, "11", "5.1.0", true)]
    [InlineData(EntrustGeneration.C, "12", "5.1.0", true)]
    public async Task Every_registration_signs_charges_refunds_lists_and_ends(EntrustGeneration generation, string method, string version, bool encrypted)
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(
            new() { Generation = generation, SignMethod = method, Version = version, EncryptedFields = encrypted });
        var (world, gateway) = (merchant.World, merchant.Gateway);
        var agreement = await merchant.SignedAsync();
        merchant.Readings.Should().ContainSingle().Which.Should().BeOfType<CallbackReading.OfAgreement>().Which.Answer.Should().BeOfType<AgreementAnswer.Active>();
        (await gateway.QueryAgreementAsync(agreement, None)).Should().BeOfType<AgreementAnswer.Active>();

        var order = merchant.Charge(agreement, 2);
        (await gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>("accepted is not paid");
        (await gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        await world.RunForAsync(5);
        var told = merchant.Readings.OfType<CallbackReading.OfCharge>().Should().ContainSingle().Subject;
        (told.OrderNumber, told.Answer.Evidence).Should().Be((order.Number.ToString(), Evidence.Hint));
        var paid = (await gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>().Subject;
        world.Bank.Entries.Should().ContainSingle().Which.TransactionId.Should().Be(paid.RailTransaction);

        var refund = new RefundOrder(order.Number.Refund(1), order.Amount, Money.Cny(600), "goodwill", paid.RailTransaction, world.Now);
        (await gateway.RefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Pending>();
        await world.RunForAsync(10);
        (await gateway.QueryRefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Refunded>().Which.Amount.Should().Be(Money.Cny(600));

        (await gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None)).Should().BeOfType<StatementAnswer.NotReady>();
        world.MoveTo(UnionPayWorld.Beijing(2, 10));
        (await gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None)).Should().BeOfType<StatementAnswer.Ready>().Which.Lines
            .Select(line => (line.OrderNumber, line.RefundNumber, line.Amount.MinorUnits, line.RailTransaction)).Should().BeEquivalentTo(
            [
                (order.Number.ToString(), (string?)null, 1500L, paid.RailTransaction),
                (order.Number.ToString(), refund.Number.ToString(), 600L, paid.RailTransaction),
            ]);

        (await gateway.TerminateAgreementAsync(agreement, "bye", None)).Should().BeOfType<AgreementAnswer.Terminated>();

        // A second call of the same second would carry the same number, and be refused as a repeat.
        await world.RunForAsync(1);
        (await gateway.TerminateAgreementAsync(agreement, "again", None)).Should().BeOfType<AgreementAnswer.Terminated>("ending it again is no error");
        world.Sandbox.Agreements.Should().ContainSingle().Which.Mode.Should().Be(TerminationMode.Merchant);
    }

    [Fact]
    public async Task With_the_code_at_hand_an_entrust_is_signed_at_once()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync();
        var id = UnionPayAdapterWorld.Agreement(1);
        (await merchant.Gateway.StartSigningAsync(merchant.Signing(id, smsCode: UnionPaySandbox.SmsCode), None)).Should().BeOfType<SigningAnswer.Signed>()
            .Which.Agreement.RailAgreementId.Should().Be(id.SigningCode);
        (await merchant.Gateway.StartSigningAsync(merchant.Signing(UnionPayAdapterWorld.Agreement(2), smsCode: "222222"), None))
            .Should().BeOfType<SigningAnswer.Refused>().Which.RailCode.Should().Be("71");
        merchant.World.Sandbox.Agreements.Should().ContainSingle();
    }

    [Theory]
    [InlineData("64", DeclineReason.InsufficientFunds, true)]
    [InlineData("64", DeclineReason.InsufficientFunds, false)]
    [InlineData("81", DeclineReason.LimitReached, false)]
    [InlineData("63", DeclineReason.AccountAbnormal, true)]
    [InlineData("99", DeclineReason.BankFault, false)]
    [InlineData("60", DeclineReason.Other, false)]
    public async Task A_decline_is_proved_by_the_query_alone(string code, DeclineReason reason, bool atOnce)
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { NotifyFailures = true, Collections = _ => new() { FailWith = code, RefusedAtOnce = atOnce } });
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        var answer = await merchant.Gateway.ChargeAsync(order, None);
        (answer.Outcome is ChargeOutcome.Declined).Should().Be(atOnce);
        (answer.Outcome is not ChargeOutcome.Declined || answer.Evidence == Evidence.Hint).Should().BeTrue();
        await merchant.World.RunForAsync(5);
        (await merchant.Gateway.QueryChargeAsync(order, None)).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(reason, code)));
        merchant.World.Bank.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task A_silent_end_shows_in_the_next_charge()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync();
        var agreement = await merchant.SignedAsync();
        await merchant.World.Sandbox.TerminateAsync(agreement.RailAgreementId!, TerminationMode.Member);
        await merchant.World.RunForAsync(60);
        merchant.Readings.OfType<CallbackReading.OfAgreement>().Should().ContainSingle("only the signing was told");
        var order = merchant.Charge(agreement, 1);
        await merchant.Gateway.ChargeAsync(order, None);
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Declined>().Which.Reason.Should().Be(DeclineReason.AgreementNotInForce);
    }

    [Fact]
    public async Task The_same_order_is_taken_once_and_its_repeat_proves_nothing()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync();
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        await merchant.Gateway.ChargeAsync(order, None);
        (await merchant.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("12 asks to query");
        merchant.World.MoveTo(merchant.World.Now + Duration.FromMinutes(11));
        (await merchant.Gateway.ChargeAsync(merchant.Charge(order.Agreement, 3) with { RequestedAt = order.RequestedAt }, None))
            .Outcome.Should().BeOfType<ChargeOutcome.Refused>("a stale time is refused");
        await merchant.World.RunForAsync(5);
        merchant.World.Bank.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task A_void_of_the_same_day_leaves_nothing_in_the_file()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { EmptyFiles = true }, options => options.VoidSameDay = true);
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        await merchant.Gateway.ChargeAsync(order, None);
        await merchant.World.RunForAsync(5);
        var paid = (ChargeOutcome.Succeeded)(await merchant.Gateway.QueryChargeAsync(order, None)).Outcome;
        var refund = new RefundOrder(order.Number.Refund(1), order.Amount, order.Amount, "goodwill", paid.RailTransaction, merchant.World.Now);
        await merchant.Gateway.RefundAsync(refund, None);
        await merchant.World.RunForAsync(10);
        (await merchant.Gateway.QueryRefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Refunded>();
        merchant.World.Bank.BalanceOf("ann").Should().Be(100_000);
        merchant.World.MoveTo(UnionPayWorld.Beijing(2, 10));
        (await merchant.Gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None)).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().BeEmpty();
    }
}
