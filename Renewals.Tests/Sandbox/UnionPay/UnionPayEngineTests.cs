using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

/// <summary>The whole way at a rail where a repeat proves nothing: engine, adapter, HTTP, sandbox, settlement files.</summary>
public class UnionPayEngineTests
{
    [Fact]
    public async Task Three_months_are_announced_and_charged_once_each()
    {
        await using var engine = await UnionPayEngine.StartAsync(new());
        await engine.SignAsync();
        await engine.PassAsync(70);
        Ordinals(engine.World.Bank.Entries).Should().Equal(1, 2, 3);
        (await engine.EventsAsync<Announced>()).Should().HaveCountGreaterThanOrEqualTo(2);
        (await engine.EventsAsync<Charged>()).Select(charged => charged.RailTransaction).Should().Equal(engine.World.Bank.Entries.Select(entry => entry.TransactionId));
        (await engine.EventsAsync<Parked>()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_request_that_never_arrived_is_proved_absent_by_two_files_before_another_order_is_sent()
    {
        await using var engine = await UnionPayEngine.StartAsync(new() { Collections = draw => IsFirstTryOf(2, draw) ? new() { Answer = AnswerFate.LostRequest } : new() });
        await engine.SignAsync();
        await engine.PassAsync(45);
        var lost = (await engine.EventsAsync<NotTaken>()).Should().ContainSingle().Subject;
        lost.Outcome.Should().BeOfType<ChargeOutcome.Absent>();
        var sent = (await engine.EventsAsync<Requested>()).Where(requested => requested.Order.Charge.Ordinal == 2).ToList();
        sent.Should().HaveCount(2);
        sent[1].Order.Should().NotBe(sent[0].Order, "a repeat of the same number would prove nothing");
        (sent[1].At - sent[0].At).Should().BeGreaterThan(Duration.FromHours(24), "two clearing days had to be over").And.BeLessThan(Duration.FromDays(4));
        sent[1].At.Should().BeGreaterThanOrEqualTo(lost.At);
        Ordinals(engine.World.Bank.Entries).Should().Equal(1, 2);
        (await engine.EventsAsync<Parked>()).Should().BeEmpty();
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_asked_for_and_nothing_is_sent_again()
    {
        await using var engine = await UnionPayEngine.StartAsync(new()
        {
            Collections = draw => IsFirstTryOf(2, draw)
                ? new() { Answer = AnswerFate.LostAnswer, HiddenFor = Duration.FromMinutes(3), SettledNextDay = true, Notification = new() { Lost = true } }
                : new() { Notification = new() { Copies = 2 } },
        });
        await engine.SignAsync();
        await engine.PassAsync(45);
        (await engine.EventsAsync<Requested>()).Select(requested => requested.Order.Charge.Ordinal).Should().Equal(1, 2);
        Ordinals(engine.World.Bank.Entries).Should().Equal(1, 2);
        (await engine.EventsAsync<Charged>()).Should().HaveCount(2);
    }

    [Fact]
    public async Task What_only_the_file_knows_is_recorded_from_it()
    {
        await using var engine = await UnionPayEngine.StartAsync(new()
        {
            Collections = draw => IsFirstTryOf(2, draw)
                ? new() { Answer = AnswerFate.LostAnswer, HiddenFor = Duration.FromDays(60), Notification = new() { Lost = true } }
                : new(),
        });
        await engine.SignAsync();
        await engine.PassAsync(45);
        (await engine.EventsAsync<NotTaken>()).Should().BeEmpty();
        (await engine.EventsAsync<Charged>()).Select(charged => charged.Order.Charge.Ordinal).Should().Equal(1, 2);
        Ordinals(engine.World.Bank.Entries).Should().Equal(1, 2);
    }

    [Fact]
    public async Task A_decline_is_tried_again_under_a_new_number()
    {
        await using var engine = await UnionPayEngine.StartAsync(new() { Collections = draw => IsFirstTryOf(2, draw) ? CollectionDecision.Fail("64") : new() });
        await engine.SignAsync();
        await engine.PassAsync(45);
        (await engine.EventsAsync<Failed>()).Should().ContainSingle();
        (await engine.EventsAsync<Requested>()).Where(requested => requested.Order.Charge.Ordinal == 2).Select(requested => requested.Order.Attempt).Should().Equal(1, 2);
        Ordinals(engine.World.Bank.Entries).Should().Equal(1, 2);
    }

    private static bool IsFirstTryOf(int ordinal, CollectionDraw draw) =>
        OrderNumber.TryParse(draw.OrderNumber, out var order) && order.Charge.Ordinal == ordinal && order.Attempt == 1;

    private static IEnumerable<int> Ordinals(IEnumerable<BankEntry> entries) => entries.Select(entry =>
        OrderNumber.TryParse(entry.OrderNumber, out var order) ? order.Charge.Ordinal : throw new InvalidOperationException(entry.OrderNumber));
}
