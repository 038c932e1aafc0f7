using System.Text.Json.Nodes;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>Money over the HTTP API: what goes back, what is disputed, and another price for all.</summary>
public sealed class ApiMoneyTests : IAsyncLifetime
{
    private ApiWorld world = null!;

    public async Task InitializeAsync() => world = await ApiWorld.StartAsync();

    public async Task DisposeAsync() => await world.DisposeAsync();

    [Fact]
    public async Task A_payment_goes_back_in_parts_and_never_more_than_was_paid()
    {
        var id = await world.MemberAsync();
        const string Part = """{ "key": "wish-1", "amount": { "minorUnits": 90, "currency": "CNY" }, "why": "goodwill" }""";
        await world.AskAsync(id, "refunds", Part);
        await world.AskAsync(id, "refunds", Part);
        await world.RefusedAsync(id, "refunds", """{ "key": "wish-2", "amount": { "minorUnits": 901, "currency": "CNY" }, "why": "more" }""", 409, "CNY 990 were paid and CNY 90 of it *");
        await world.AskAsync(id, "refunds", $$"""{ "key": "wish-3", "order": "{{Samples.Order(id, 1)}}", "why": "the rest" }""");
        await world.RefusedAsync(id, "refunds", $$"""{ "key": "wish-4", "order": "{{Samples.Order(id, 7)}}", "why": "x" }""", 409, "* is no payment of this membership.");
        await world.Host.SweepAsync();
        (await world.ReadAsync(id))["refunds"]!.AsArray().Select(refund => ((string)refund!["key"]!, Fen(refund["amount"]), (string)refund["status"]!))
            .Should().Equal(("wish-1", 90, "done"), ("wish-3", 900, "done"));
        Fen((await world.ReadAsync(id, "account"))["back"]).Should().Be(990);
        (await world.Host.EventsAsync<RefundGranted>(id)).Should().OnlyContain(e => e.By == ApiWorld.Operator);
    }

    [Fact]
    public async Task What_the_rail_cannot_give_back_a_person_pays_and_says_where()
    {
        var id = await world.MemberAsync();
        world.Host.Rail.OnRefund = _ => new RefundAnswer.Impossible("USER_ACCOUNT_ABNORMAL", "the payee is gone");
        var refund = (string)(await world.AskAsync(id, "refunds", """{ "key": "wish-1", "why": "goodwill" }"""))["refunds"]![0]!["number"]!;
        await world.RefusedAsync(id, $"refunds/{refund}/paid-outside", """{ "reference": "transfer-9" }""", 409, "The rail may still make this refund*");
        await world.Host.SweepAsync();
        var s = await world.AskAsync(id, $"refunds/{refund}/paid-outside", """{ "reference": "transfer-9" }""");
        ((string)s["refunds"]![0]!["status"]!).Should().Be("done");
        (await world.Host.EventsAsync<PaidOutside>(id)).Single().Should().Match<PaidOutside>(e => e.By == ApiWorld.Operator && e.Reference == "transfer-9");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 990)]
    public async Task A_dispute_is_opened_and_settled(bool won, long takenBack)
    {
        var id = await world.MemberAsync();
        var s = await world.AskAsync(id, "disputes", $$"""{ "dispute": "d-1", "order": "{{Samples.Order(id, 1)}}", "amount": { "minorUnits": 990, "currency": "CNY" }, "why": "not mine" }""");
        ((string)s["disputes"]![0]!["id"]!, (bool)s["disputes"]![0]!["isOpen"]!, (string)s["parked"]!).Should().Be(("d-1", true, "disputed"));
        await world.RefusedAsync(id, "refunds", """{ "key": "wish-1", "why": "goodwill" }""", 409, "The payment is disputed; *");
        await world.RefusedAsync(id, "disputes/d-2/settle", """{ "won": true }""", 409, "There is no dispute d-2.");
        s = await world.AskAsync(id, "disputes/d-1/settle", $$"""{ "won": {{(won ? "true" : "false")}} }""");
        ((bool?)s["disputes"]![0]!["isOpen"] ?? false).Should().BeFalse();
        Fen((await world.ReadAsync(id, "account"))["back"]).Should().Be(takenBack);
    }

    [Fact]
    public async Task Another_price_is_offered_to_all_and_who_cannot_have_the_offer_is_named()
    {
        var (first, second, gold) = (await world.MemberAsync(1), await world.MemberAsync(2), await world.MemberAsync(3, "gold"));
        await world.AskAsync(second, "changes", """{ "name": "up-1", "plan": "gold", "why": "wants more" }""");
        var said = await world.CallAsync("POST", "price-campaigns", ApiWorld.Campaign, ApiWorld.Admin);
        said.Status.Should().Be(200, said.Text);
        ((int)said.Json["offered"]!, (int)said.Json["before"]!, (int)said.Json["notOffered"]!).Should().Be((1, 0, 1));
        var reason = said.Json["reasons"]!.AsArray().Should().ContainSingle().Which!;
        ((string)reason["why"]!, (int)reason["count"]!, (Guid)reason["memberships"]![0]!).Should().Be(("The change 'up-1' is planned; withdraw it first.", 1, second.Value));
        (await world.ReadAsync(gold))["offer"].Should().BeNull();

        await world.RefusedAsync(first, "price-answer", """{ "offer": "2026-06", "agrees": true }""", 409, "The member was not told of the offer yet.");
        await world.Host.SweepUntilAsync<PriceOfferTold>(first);
        var offer = (await world.ReadAsync(first))["offer"]!;
        ((string)offer["name"]!, Fen(offer["price"]), (string)offer["answerBy"]!).Should().Be(("2026-06", 2800, "2026-05-25T00:00:00Z"));
        (await world.AskAsync(first, "price-answer", """{ "offer": "2026-06", "agrees": true }"""))["offer"].Should().BeNull();
        (await world.Host.EventsAsync<PriceAnswered>(first)).Single().Should().Match<PriceAnswered>(e => e.Answer == PriceAnswer.Yes && e.By == ApiWorld.Operator);

        ((int)(await world.CallAsync("POST", "price-campaigns", ApiWorld.Campaign, ApiWorld.Admin)).Json["before"]!).Should().Be(1, "it can be run again");
    }

    [Fact]
    public async Task A_campaign_is_withdrawn_from_all_who_have_not_answered_and_another_can_be_made()
    {
        var (first, second) = (await world.MemberAsync(1), await world.MemberAsync(2));
        await world.CallAsync("POST", "price-campaigns", ApiWorld.Campaign, ApiWorld.Admin);
        await world.Host.SweepUntilAsync<PriceOfferTold>(first);
        await world.AskAsync(first, "price-answer", """{ "offer": "2026-06", "agrees": true }""");
        var said = await world.CallAsync("POST", "price-campaigns/2026-06/withdraw", """{ "account": "wechat:1900000109" }""", ApiWorld.Admin);
        ((int)said.Json["withdrawn"]!, (int)said.Json["answered"]!).Should().Be((1, 0), said.Text);
        (await world.Host.EventsAsync<PriceAnswered>(second)).Single().Answer.Should().Be(PriceAnswer.Withdrawn);
        ((int)(await world.CallAsync("POST", "price-campaigns/2026-06/withdraw", """{ "account": "wechat:1900000109" }""", ApiWorld.Admin)).Json["withdrawn"]!).Should().Be(0);
        var next = await world.CallAsync("POST", "price-campaigns", ApiWorld.Campaign.Replace("2026-06\"", "better\""), ApiWorld.Admin);
        ((int)next.Json["offered"]!).Should().Be(1, "who said yes has a change planned");
    }

    private static long Fen(JsonNode? money) => (long)money!["minorUnits"]!;
}
