using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxAdapterHardTimesTests
{
    private const string Later = "<xml><return_code>FAIL</return_code></xml>";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_late_ADD_comes_after_its_DELETE()
    {
        await using var merchant = await AdapterWorld.StartAsync(new()
        {
            SigningCallbacks = news => news.Signed ? new() { Delay = Duration.FromHours(1) } : new(),
        });
        var agreement = await merchant.SignedAsync();
        await merchant.World.Sandbox.TerminateAsync(agreement.RailAgreementId!, TerminationMode.Platform);
        await merchant.World.RunForAsync(4000);
        merchant.Readings.OfType<CallbackReading.OfAgreement>().Select(news => news.Answer.GetType()).Should()
            .Equal(typeof(AgreementAnswer.Terminated), typeof(AgreementAnswer.Active));
        (await merchant.Gateway.QueryAgreementAsync(agreement, None)).Should().BeOfType<AgreementAnswer.Terminated>()
            .Which.Mode.Should().Be(TerminationMode.Platform);
    }

    [Fact]
    public async Task A_forged_result_is_refused_and_the_good_one_comes_fifteen_seconds_later()
    {
        await using var merchant = await AdapterWorld.StartAsync(new()
        {
            SigningCallbacks = _ => new() { Lost = true },
            Charges = _ => new() { Callback = new() { Delay = Duration.Zero, Damage = CallbackDamage.WrongSignature } },
        });
        merchant.World.Post.Answer = n => n == 1 ? (200, Later) : (200, Later.Replace("FAIL", "SUCCESS"));
        await merchant.Gateway.ChargeAsync(merchant.Charge(await merchant.SignedAsync(), 1), None);
        await merchant.World.RunForAsync(100);
        merchant.Readings.Select(reading => reading.GetType()).Should()
            .Equal(typeof(CallbackReading.Rejected), typeof(CallbackReading.OfCharge));
    }

    [Theory]
    [InlineData(CallbackDamage.WrongSignature)]
    [InlineData(CallbackDamage.StaleTimestamp)]
    [InlineData(CallbackDamage.SignatureProbe)]
    [InlineData(CallbackDamage.WrongTag)]
    public async Task Damaged_v3_callbacks_are_refused_and_repeated_whole(CallbackDamage damage)
    {
        await using var merchant = await AdapterWorld.StartAsync(new()
        {
            SigningCallbacks = _ => new() { Lost = true },
            Charges = _ => new() { Callback = new() { Lost = true } },
            Refunds = _ => new() { Callback = new() { Damage = damage } },
        });
        merchant.World.Post.Answer = n => n == 1 ? (500, "") : (204, "");
        await RefundAsync(merchant, AdapterWorld.Number(1).Refund(1));
        await merchant.World.RunForAsync(100);
        merchant.Readings.Select(reading => reading.GetType()).Should()
            .Equal(typeof(CallbackReading.Rejected), typeof(CallbackReading.OfRefund));
    }

    [Theory]
    [InlineData(WeChatPayRefundInterface.V3)]
    [InlineData(WeChatPayRefundInterface.V2WithCertificate)]
    public async Task A_refund_may_have_to_be_asked_for_again_and_may_not_reach_the_member(WeChatPayRefundInterface by)
    {
        await using var merchant = await AdapterWorld.StartAsync(
            new() { Refunds = _ => new() { RefuseFirst = true, Unreachable = true } },
            options => (options.RefundInterface, options.Resilience.Retries) = (by, 0));
        var refund = AdapterWorld.Number(1).Refund(1);
        (await RefundAsync(merchant, refund)).Should().BeOfType<RefundAnswer.Unknown>();
        var order = new RefundOrder(refund, Money.Cny(1500), Money.Cny(600), "goodwill", "", merchant.World.Now);
        (await merchant.Gateway.QueryRefundAsync(order, None)).Should().BeOfType<RefundAnswer.Missing>();
        (await merchant.Gateway.RefundAsync(order, None)).Should().BeOfType<RefundAnswer.Pending>();
        await merchant.World.RunForAsync(100);
        (await merchant.Gateway.QueryRefundAsync(order, None)).Should().BeOfType<RefundAnswer.Impossible>();
        merchant.Readings.Last().Should().BeOfType<CallbackReading.OfRefund>().Which.Answer.Should().BeOfType<RefundAnswer.Impossible>();
        merchant.World.Bank.Entries.Should().ContainSingle("only the payment moved money");
    }

    [Fact]
    public async Task Bills_of_older_accounts_have_24_columns()
    {
        await using var merchant = await AdapterWorld.StartAsync(new() { OldBillLayout = true });
        await RefundAsync(merchant, AdapterWorld.Number(1).Refund(1));
        await merchant.World.RunUntilAsync(SandboxWorld.Beijing(2, 10));
        var lines = (await merchant.Gateway.ReadStatementAsync(new LocalDate(2026, 5, 1), None)).Should().BeOfType<StatementAnswer.Ready>().Subject;
        lines.Lines.Select(line => line.Amount.MinorUnits).Should().BeEquivalentTo([1500L, 600L]);
    }

    private static async Task<RefundAnswer> RefundAsync(AdapterWorld merchant, OrderNumber refund)
    {
        await merchant.FetchKeysAsync();
        await merchant.Gateway.ChargeAsync(merchant.Charge(await merchant.SignedAsync(), 1), None);
        await merchant.World.RunForAsync(5);
        return await merchant.Gateway.RefundAsync(new RefundOrder(refund, Money.Cny(1500), Money.Cny(600), "goodwill", "", merchant.World.Now), None);
    }
}
