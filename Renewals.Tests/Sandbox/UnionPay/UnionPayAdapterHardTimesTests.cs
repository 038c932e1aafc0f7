using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

public class UnionPayAdapterHardTimesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(UnionPayFault.LoseRequest, 0)]
    [InlineData(UnionPayFault.LoseAnswer, 1)]
    [InlineData(UnionPayFault.BadSignature, 1)]
    [InlineData(UnionPayFault.WrongCommonName, 1)]
    [InlineData(UnionPayFault.ServerError, 0)]
    public async Task Whatever_becomes_of_the_answer_the_order_is_sent_once_and_not_known(UnionPayFault fault, int taken)
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync();
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        merchant.World.Sandbox.InjectFault(order.Number.ToString(), fault);
        (await merchant.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        await merchant.World.RunForAsync(5);
        merchant.World.Bank.Entries.Should().HaveCount(taken, "a money call is never repeated by the transport");
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType(taken == 1 ? typeof(ChargeOutcome.Succeeded) : typeof(ChargeOutcome.Missing));
    }

    [Fact]
    public async Task What_the_rail_does_not_see_yet_is_missing_and_later_paid()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { Collections = _ => new() { AnswerCode = "04", HiddenFor = Duration.FromMinutes(2) } });
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        (await merchant.Gateway.ChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Missing>("34 proves nothing by itself");
        await merchant.World.RunForAsync(120);
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
    }

    [Theory]
    [InlineData(NotificationDamage.ForgedSignature)]
    [InlineData(NotificationDamage.WrongCommonName)]
    public async Task A_forged_notification_is_refused_and_the_good_one_comes_again(NotificationDamage damage)
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new()
        {
            EntrustNotifications = _ => new() { Lost = true },
            Collections = _ => new() { Notification = new() { Damage = damage } },
        });
        merchant.World.Post.Answer = n => n == 1 ? (500, "") : (200, "");
        await merchant.Gateway.ChargeAsync(merchant.Charge(await merchant.SignedAsync(), 1), None);
        await merchant.World.RunForAsync(10);
        merchant.Readings.Select(reading => reading.GetType()).Should().Equal(typeof(CallbackReading.Rejected), typeof(CallbackReading.OfCharge));
    }

    [Fact]
    public async Task Five_sends_with_the_rails_gaps_and_no_more()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { EntrustNotifications = _ => new() { Lost = true } });
        merchant.World.Post.Answer = _ => (500, "");
        await merchant.Gateway.ChargeAsync(merchant.Charge(await merchant.SignedAsync(), 1), None);
        var counts = new List<int>();
        foreach (var seconds in new[] { 2, 60, 120, 240, 3600 })
        {
            await merchant.World.RunForAsync(seconds);
            counts.Add(merchant.World.Post.Came.Count);
        }

        counts.Should().Equal(2, 3, 4, 5, 5);
    }

    [Fact]
    public async Task Scripted_callbacks_are_lost_doubled_and_changed_on_their_way()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { EntrustNotifications = _ => new() { Lost = true } });
        var agreement = await merchant.SignedAsync();
        merchant.World.Sandbox.Callbacks.Add(CallbackTurn.Forge);
        merchant.World.Sandbox.Callbacks.Add(CallbackTurn.Lose);
        merchant.World.Sandbox.Callbacks.Add(CallbackTurn.Duplicate);
        merchant.World.Post.Answer = n => n == 1 ? (500, "") : (200, "");
        await merchant.Gateway.ChargeAsync(merchant.Charge(agreement, 1), None);
        await merchant.World.RunForAsync(600);
        merchant.Readings.Select(reading => reading.GetType()).Should()
            .Equal(typeof(CallbackReading.Rejected), typeof(CallbackReading.OfCharge), typeof(CallbackReading.OfCharge));
    }

    [Fact]
    public async Task The_leaf_rotates_while_notifications_are_on_their_way()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync();
        var agreement = await merchant.SignedAsync();
        merchant.World.Sandbox.RotatePlatformCertificate();
        var order = merchant.Charge(agreement, 1);
        await merchant.Gateway.ChargeAsync(order, None);
        await merchant.World.RunForAsync(5);
        merchant.Readings.Last().Should().BeOfType<CallbackReading.OfCharge>();
        (await merchant.Gateway.QueryChargeAsync(order, None)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
    }

    [Fact]
    public async Task A_row_of_the_next_clearing_day_is_found_there()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { EmptyFiles = true, Collections = _ => new() { SettledNextDay = true } });
        var order = merchant.Charge(await merchant.SignedAsync(), 1);
        await merchant.Gateway.ChargeAsync(order, None);
        await merchant.World.RunForAsync(5);
        merchant.World.MoveTo(UnionPayWorld.Beijing(3, 10));
        var days = new List<int>();
        for (var day = 1; day <= 2; day++)
            days.Add(((StatementAnswer.Ready)await merchant.Gateway.ReadStatementAsync(new LocalDate(2026, 5, day), None)).Lines.Count());
        days.Should().Equal(0, 1);
    }

    [Fact]
    public async Task Credit_cards_the_rail_takes_are_not_served()
    {
        await using var merchant = await UnionPayAdapterWorld.StartAsync(new() { HoldsCreditCard = _ => true, DebitCardsOnly = false });
        (await merchant.Gateway.StartSigningAsync(merchant.Signing(UnionPayAdapterWorld.Agreement(1), smsCode: UnionPaySandbox.SmsCode), None))
            .Should().BeOfType<SigningAnswer.Refused>();
        merchant.World.Sandbox.Agreements.Should().ContainSingle().Which.EndedAt.Should().NotBeNull("what was signed by it is removed again");
    }
}
