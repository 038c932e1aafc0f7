using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Stripe;

namespace Renewals.Tests.Sandbox.Stripe;

public sealed class StripeAdapterHardTimesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(StripeFault.LoseRequest)]
    [InlineData(StripeFault.LoseAnswer)]
    [InlineData(StripeFault.RateLimit)]
    public async Task Whatever_goes_wrong_a_repeat_takes_the_money_once(StripeFault fault)
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        world.Sandbox.InjectFault(order.Number.ToString(), fault);
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        world.Bank.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task A_server_error_is_remembered_by_the_rail_and_only_the_question_finds_the_money()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        world.Sandbox.InjectFault(order.Number.ToString(), StripeFault.ServerError);
        for (var i = 0; i < 2; i++)
            (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("the same key gets the same error");
        (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        world.Bank.Entries.Should().ContainSingle();
    }

    [Theory]
    [InlineData(23, 0)]
    [InlineData(25, 0)]
    [InlineData(24 * 40, 0)]
    [InlineData(25, 1)]
    public async Task A_resend_after_the_rail_forgot_its_key_never_pays_twice(int hours, int others)
    {
        await using var world = await StripeWorld.StartAsync();
        var agreement = await world.SignedAsync();
        var order = world.Charge(agreement);
        world.Sandbox.InjectFault(order.Number.ToString(), StripeFault.LoseAnswer);
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        for (var i = 0; i < others; i++)
            await world.Gateway.ChargeAsync(world.Charge(agreement, period: 2 + i), None);
        await world.RunForAsync(Duration.FromHours(hours));

        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        world.Bank.Entries.Count(entry => entry.OrderNumber == order.Number.ToString()).Should().Be(1);
    }

    [Fact]
    public async Task The_sandbox_would_pay_twice_for_a_caller_that_trusts_an_old_key()
    {
        await using var world = await StripeWorld.StartAsync();
        var agreement = await world.SignedAsync();
        var (customer, method) = (agreement.RailAgreementId!.Split('/')[0], agreement.RailAgreementId!.Split('/')[1]);
        var body = $"amount=1500&currency=cny&customer={customer}&payment_method={method}&confirm=true&off_session=true&metadata[order]={StripeWorld.Number(1)}";
        (await world.PostAsync("payment_intents", body, "k")).Status.Should().Be(200);
        await world.RunForAsync(Duration.FromHours(23));
        (await world.PostAsync("payment_intents", body, "k")).Status.Should().Be(200);
        world.Bank.Entries.Should().ContainSingle("the key is known for a day");
        await world.RunForAsync(Duration.FromHours(2));
        (await world.PostAsync("payment_intents", body, "k")).Status.Should().Be(200);
        world.Bank.Entries.Should().HaveCount(2, "this is what the adapter is guarded against");
    }

    [Fact]
    public async Task An_order_that_never_arrived_is_sent_after_a_day_and_paid_once()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        world.Sandbox.InjectFault(order.Number.ToString(), StripeFault.LoseRequest);
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        await world.RunForAsync(Duration.FromHours(30));
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        world.Bank.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task A_decline_whose_answer_was_lost_is_settled_by_the_question()
    {
        await using var world = await StripeWorld.StartAsync(new() { Charges = _ => new() { DeclineCode = "stolen_card" } });
        var order = world.Charge(await world.SignedAsync());
        world.Sandbox.InjectFault(order.Number.ToString(), StripeFault.LoseAnswer);
        (await world.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        for (var i = 0; i < 2; i++)
            (await world.Gateway.QueryChargeAsync(order, None)).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.AccountAbnormal, "stolen_card"));
    }

    [Fact]
    public async Task A_refund_whose_answer_was_lost_goes_back_once_also_days_later()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        var paid = (ChargeOutcome.Succeeded)(await world.Gateway.ChargeAsync(order, None)).Outcome;
        var refund = world.Refund(order, paid.RailTransaction, 600);
        world.Sandbox.InjectFault(refund.Number.ToString(), StripeFault.LoseAnswer);
        (await world.Gateway.RefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Unknown>();
        await world.RunForAsync(Duration.FromDays(3));
        (await world.Gateway.RefundAsync(refund, None)).Should().BeOfType<RefundAnswer.Refunded>();
        world.Bank.Entries.Count(entry => entry.Kind == BankEntryKind.Refund).Should().Be(1);
    }

    [Fact]
    public async Task An_agreement_is_found_after_the_rail_forgot_how_its_customer_was_made()
    {
        await using var world = await StripeWorld.StartAsync();
        var signed = await world.SignedAsync();
        await world.RunForAsync(Duration.FromDays(2));
        (await world.Gateway.QueryAgreementAsync(signed with { RailAgreementId = null }, None)).Should().BeOfType<AgreementAnswer.Active>()
            .Which.RailAgreementId.Should().Be(signed.RailAgreementId);
    }

    [Fact]
    public async Task A_forged_webhook_is_refused_and_the_good_one_comes_again()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        var before = world.Post.Came.Count;
        world.Post.Answer = n => n == before + 1 ? (400, "no") : (200, "OK");
        world.Sandbox.Callbacks.Add(CallbackTurn.Forge);
        await world.Gateway.ChargeAsync(order, None);
        await world.RunForAsync(Duration.FromMinutes(5));
        world.Readings.Skip(before).Select(reading => reading.GetType()).Should().Equal(typeof(CallbackReading.Rejected), typeof(CallbackReading.OfCharge));
    }

    [Fact]
    public async Task A_webhook_that_comes_twice_says_the_same_twice()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        world.Sandbox.Callbacks.Add(CallbackTurn.Duplicate);
        await world.Gateway.ChargeAsync(order, None);
        await world.RunForAsync(Duration.FromSeconds(1));
        world.Readings.OfType<CallbackReading.OfCharge>().Should().HaveCount(2).And.OnlyContain(news => news.Answer.Outcome is ChargeOutcome.Succeeded);
    }

    [Fact]
    public async Task Webhooks_are_tried_for_three_days_each_with_a_fresh_signature()
    {
        await using var world = await StripeWorld.StartAsync();
        var order = world.Charge(await world.SignedAsync());
        var before = world.Post.Came.Count;
        world.Post.Answer = _ => (500, "later");
        await world.Gateway.ChargeAsync(order, None);
        await world.RunForAsync(Duration.FromDays(4));
        var tries = world.Post.Came.Skip(before).ToList();
        tries.Should().HaveCount(9);
        tries.Select(callback => callback.Headers["Stripe-Signature"]).Should().OnlyHaveUniqueItems();
        tries.Select(callback => Convert.ToHexString(callback.Body.Span)).Distinct().Should().ContainSingle();
    }
}
