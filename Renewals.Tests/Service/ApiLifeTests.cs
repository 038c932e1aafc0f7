using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Service;

/// <summary>A member's life over the HTTP API: signing, looking, changing, pausing, leaving.</summary>
public sealed class ApiLifeTests : IAsyncLifetime
{
    private ApiWorld world = null!;

    public async Task InitializeAsync() => world = await ApiWorld.StartAsync();

    public async Task DisposeAsync() => await world.DisposeAsync();

    [Fact]
    public async Task A_member_signs_with_a_coupon_add_ons_a_price_a_later_start_and_what_was_agreed_to()
    {
        const string Consent = """{ "termsVersion": "2026-01", "termsHash": "9f86d081", "boxTicked": true, "channel": "app", "language": "zh-CN", "shownAt": "2026-01-31T01:59:00Z" }""";
        var said = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(
            1, "gold", $$""", "startsOn": "2026-02-20", "freeUntilStart": true, "coupon": "SPRING", "addOns": { "seat": 2 }, "price": { "minorUnits": 4000, "currency": "CNY" }, "consent": {{Consent}}"""));
        said.Status.Should().Be(200, said.Text);
        ((string)said.Json["membership"]!["startsOn"]!).Should().Be("2026-02-20");
        var enrolled = (await world.Host.EventsAsync<Enrolled>(Samples.IdOf(1))).Single();
        enrolled.Consent.Should().Be(new Consent("2026-01", "9f86d081", true, "app", "zh-CN", Samples.Now - Duration.FromMinutes(1)));
        (enrolled.StartsOn, enrolled.FreeUntilStart).Should().Be((new LocalDate(2026, 2, 20), true));
        enrolled.Terms.PriceOf(1).Should().Be(Money.Cny(4500), "two seats come with 40.00, and a tenth goes off");
    }

    [Fact]
    public async Task Who_comes_back_is_known()
    {
        var first = await world.MemberAsync();
        await world.AskAsync(first, "cancel", """{ "why": "enough", "atOnce": true }""");
        await world.Host.SweepAsync();
        var said = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(2, "monthly", member: "m1"));
        said.Status.Should().Be(200, said.Text);
        ((Guid)said.Json["membership"]!["predecessor"]!).Should().Be(first.Value);
        ((Guid)(await world.ReadAsync(Samples.IdOf(2)))["predecessor"]!).Should().Be(first.Value);
    }

    [Fact]
    public async Task Access_timeline_money_and_what_comes_are_there_to_read()
    {
        var id = await world.MemberAsync();
        var access = await world.ReadAsync(id, "entitlement");
        ((bool)access["isEntitled"]!, (string)access["reason"]!, (string)access["planId"]!).Should().Be((true, "paid", "monthly"));

        (await world.ReadAsync(id, "timeline?language=en")).AsArray().Select(line => (string)line!["words"]!).Should().Equal(
            "You signed for Monthly.", "¥9.90 paid for Monthly, until 28 February 2026.", "¥25.00 for Monthly on 28 February 2026; you will be told before.");
        ((string)(await world.ReadAsync(id, "timeline?language=zh-CN"))[0]!["words"]!).Should().Be("您已签约Monthly。");
        (await world.ReadAsync(id, "timeline")).ToJsonString().Should().Be((await world.ReadAsync(id, "timeline?language=zh-CN")).ToJsonString());

        var account = await world.ReadAsync(id, "account");
        (Fen(account["paid"]), Fen(account["back"]), Fen(account["kept"])).Should().Be((990, 0, 990));
        ((string)account["lines"]![0]!["kind"]!).Should().Be("charge");

        var coming = (await world.ReadAsync(id, "preview?charges=2")).AsArray();
        coming.Select(charge => ((string)charge!["firstDay"]!, Fen(charge["amount"]))).Should().Equal(("2026-02-28", 2500), ("2026-03-31", 2500));
        (await world.ReadAsync(id, "preview")).AsArray().Should().HaveCount(3);
    }

    [Fact]
    public async Task A_second_request_to_sign_is_answered_with_the_first_page_or_refused_where_it_is_for_something_else()
    {
        var said = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(1, "monthly"));
        var again = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(2, "monthly", member: "m1"));
        ((string)again.Json["state"]!, (string)again.Json["membership"]!["id"]!).Should().Be(((string)said.Json["state"]!, (string)said.Json["membership"]!["id"]!), again.Text);
        var other = await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(2, "monthly", """, "coupon": "SPRING" """, member: "m1"));
        (other.Status, other.Detail).Should().Match<(int Status, string Detail)>(x => x.Status == 409 && x.Detail.Contains("with another price, add-ons, coupon or other terms; cancel that signing"));

        await world.AskAsync(Samples.IdOf(1), "cancel", """{ "why": "with a coupon" }""");
        (await world.CallAsync("POST", "subscriptions", ApiWorld.SignBody(2, "monthly", """, "coupon": "SPRING" """, member: "m1"))).Json["membership"]!["id"]!.GetValue<Guid>().Should().Be(Samples.IdOf(2).Value);
    }

    [Fact]
    public async Task That_a_notice_arrived_is_told_with_its_id_and_kept_once()
    {
        var id = await world.MemberAsync();
        await world.Host.SweepUntilAsync<Announced>(id);
        var notice = (await world.Host.EventsAsync<Announced>(id)).Single().Notice;
        string Body(Instant at) => $$"""{ "receipt": "sms-4711", "at": "{{at}}" }""";
        await world.RefusedAsync(id, $"notices/{notice.NoticeId}/delivered", Body(notice.HandedOverAt + Duration.FromDays(9)), 409, "* has not come yet.");
        await world.RefusedAsync(id, "notices/some/delivered", Body(notice.HandedOverAt), 409, "No notice 'some' waits for a receipt here;*");
        var s = await world.AskAsync(id, $"notices/{notice.NoticeId}/delivered", Body(notice.HandedOverAt));
        (await world.AskAsync(id, $"notices/{notice.NoticeId}/delivered", Body(notice.HandedOverAt))).ToJsonString().Should().Be(s.ToJsonString());
        (await world.Host.EventsAsync<NoticeDelivered>(id)).Should().ContainSingle().Which.Should()
            .Match<NoticeDelivered>(e => e.NoticeId == notice.NoticeId && e.Receipt == "sms-4711" && e.DeliveredAt == notice.HandedOverAt);
    }

    [Fact]
    public async Task That_a_notice_came_back_is_told_with_its_id_and_takes_the_notice_back_once()
    {
        var id = await world.MemberAsync();
        await world.Host.SweepUntilAsync<Announced>(id);
        var notice = (await world.Host.EventsAsync<Announced>(id)).Single().Notice;
        string Body(string receipt) => $$"""{ "receipt": "{{receipt}}", "why": "no such number", "at": "{{notice.HandedOverAt}}" }""";
        await world.RefusedAsync(id, "notices/some/bounced", Body("sms-1"), 409, "No notice 'some' waits for a receipt here;*");
        for (var time = 1; time <= 2; time++)
            await world.AskAsync(id, $"notices/{notice.NoticeId}/bounced", Body("sms-1"));
        (await world.Host.EventsAsync<NoticeBounced>(id)).Should().ContainSingle().Which.Should().Match<NoticeBounced>(e => e.Why == "no such number" && e.RetryAt != null);
        (await world.Host.FindAsync(id)).Should().Match<Subscription>(s => s.Notice == null && s.Parked == ParkReason.Unreachable, "there is one channel here");
        await world.RefusedAsync(id, $"notices/{notice.NoticeId}/bounced", Body("sms-2"), 409, "No notice *");
    }

    [Fact]
    public async Task A_further_agreement_is_signed_shown_used_and_the_one_that_was_left_is_not_wanted_any_more()
    {
        var id = await world.MemberAsync();
        const string Body = """{ "account": "wechat:1900000109", "displayAccount": "Ann", "plan": "gold", "takesOverAfterAnyEnd": true }""";
        var said = await world.CallAsync("POST", $"subscriptions/{id}/agreements", Body);
        said.Status.Should().Be(200, said.Text);
        ((string)said.Json["state"]!, (string)said.Json["page"]!["kind"]!).Should().Be(("ready", "qr-code"));
        var other = (string)said.Json["membership"]!["furtherAgreements"]![0]!["code"]!;
        await world.RefusedAsync(id, $"agreements/{other}/use", """{ "why": "wanted" }""", 409, "*in force*");
        await world.RefusedAsync(id, "agreements", """{ "account": "wechat:1900000109", "displayAccount": "Ann" }""", 409, "*signing another*");

        world.Host.Time.Advance(TimeSpan.FromMinutes(10));
        await world.Host.SweepAsync();
        var first = (string)(await world.ReadAsync(id))["agreement"]!["code"]!;
        var used = await world.AskAsync(id, $"agreements/{other}/use", """{ "why": "wanted" }""");
        ((string)used["agreement"]!["code"]!, (string)used["furtherAgreements"]![0]!["code"]!, (bool)used["furtherAgreements"]![0]!["isWanted"]!).Should().Be((other, first, false));
        (await world.Host.EventsAsync<AgreementSwitched>(id)).Single().By.Should().Be(ApiWorld.Operator);

        (await world.CallAsync("DELETE", $"subscriptions/{id}/agreements/{other}?why=no")).Status.Should().Be(409, "it is in use");
        (await world.CallAsync("DELETE", $"subscriptions/{id}/agreements/{first}?why=no")).Status.Should().Be(200, "that is so already");
        (await world.CallAsync("DELETE", $"subscriptions/{id}/agreements/nonsense?why=no")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_change_is_looked_at_planned_shown_and_withdrawn()
    {
        var id = await world.MemberAsync();
        const string Body = """{ "name": "up-1", "plan": "gold", "addOns": { "seat": 1 }, "coupon": "SPRING", "why": "wants more" }""";
        var before = (await world.Host.FindAsync(id)).Version;
        var preview = await world.CallAsync("POST", $"subscriptions/{id}/changes/preview?charges=2", Body, ApiWorld.Reader);
        preview.Status.Should().Be(200, preview.Text);
        ((string)preview.Json["way"]!).Should().Be("agreement");
        preview.Json["charges"]!.AsArray().Select(charge => Fen(charge!["amount"])).Should().Equal(4950, 5500);
        (await world.Host.FindAsync(id)).Version.Should().Be(before, "who looks changes nothing");

        await world.AskAsync(id, "changes", Body);
        await world.AskAsync(id, "changes", Body);
        var change = (await world.ReadAsync(id))["change"]!;
        ((string)change["name"]!, (string)change["plan"]!, Fen(change["price"]), (string)change["by"]!).Should().Be(("up-1", "gold", 4950, ApiWorld.Operator));
        (await world.Host.EventsAsync<ChangePlanned>(id)).Should().ContainSingle("asking twice is asking once");

        await world.RefusedAsync(id, "changes", """{ "name": "x", "plan": "platinum", "why": "x" }""", 422, "There is no plan 'platinum'; the plans are: gold, monthly.");
        await world.RefusedAsync(id, "changes", """{ "name": "x", "plan": "gold", "coupon": "NONE", "why": "x" }""", 422, "There is no coupon 'NONE'.");
        (await world.CallAsync("DELETE", $"subscriptions/{id}/changes/up-2")).Should().Match<Said>(said => said.Status == 409 && said.Detail == "The planned change is 'up-1'.");
        (await world.CallAsync("DELETE", $"subscriptions/{id}/changes/up-1?why=thought%20again")).Json["change"].Should().BeNull();
        (await world.Host.EventsAsync<ChangeWithdrawn>(id)).Single().Should().Match<ChangeWithdrawn>(e => e.By == ApiWorld.Operator && e.Why == "thought again");
    }

    [Fact]
    public async Task A_change_at_once_is_paid_at_the_checkout_with_what_it_comes_to()
    {
        var id = await world.MemberAsync();
        string Body(long fen) => $$"""{ "name": "now-1", "plan": "gold", "when": "now", "why": "wants more", "paid": { "amount": { "minorUnits": {{fen}}, "currency": "CNY" }, "reference": "till-7" } }""";
        var due = Fen((await world.AskAsync(id, "changes/preview", """{ "name": "now-1", "plan": "gold", "when": "now", "why": "wants more" }"""))["difference"]);
        due.Should().Be(4010, "all days of 9.90 are left, and the plan's first is not had twice");
        await world.RefusedAsync(id, "changes", Body(due - 1), 409, "The difference for the days that are left is CNY 4010, not CNY 4009.");
        ((string)(await world.AskAsync(id, "changes", Body(due)))["plan"]!).Should().Be("gold");
        var account = await world.ReadAsync(id, "account");
        account["lines"]!.AsArray().Select(line => ((string)line!["kind"]!, Fen(line["amount"]))).Should().Equal(("charge", 990), ("checkout", 4010));
    }

    [Fact]
    public async Task Who_wants_to_leave_steps_down_where_there_is_a_cheaper_plan()
    {
        var gold = await world.MemberAsync(1, "gold");
        const string Consent = """{ "termsVersion": "2026-02", "termsHash": "9f86d081", "boxTicked": true, "channel": "app", "language": "zh-CN", "shownAt": "2026-01-31T01:59:00Z" }""";
        ((string)(await world.AskAsync(gold, "step-down", $$"""{ "why": "too dear", "consent": {{Consent}} }"""))["change"]!["plan"]!).Should().Be("monthly");
        (await world.Host.EventsAsync<ChangePlanned>(gold)).Single().Change.Consent!.TermsVersion.Should().Be("2026-02", "what was agreed to beforehand is kept");
        (await world.Host.FindAsync(gold)).Change!.By.Should().Be(ApiWorld.Operator);
        var monthly = await world.MemberAsync(2);
        await world.RefusedAsync(monthly, "step-down", """{ "why": "too dear" }""", 409, "Plan 'monthly' has no cheaper plan to step down to.");
    }

    [Fact]
    public async Task The_billing_day_moves_within_a_period()
    {
        var id = await world.MemberAsync();
        await world.RefusedAsync(id, "billing-day", """{ "day": "2026-02-10", "why": "payday" }""", 409, "The next period begins on 2026-02-28; it can begin later, before 2026-03-31.");
        await world.AskAsync(id, "billing-day", """{ "day": "2026-03-05", "why": "payday" }""");
        ((string)(await world.ReadAsync(id, "preview?charges=1"))[0]!["firstDay"]!).Should().Be("2026-03-05");
        (await world.Host.EventsAsync<AnchorMoved>(id)).Single().Why.Should().Be($"{ApiWorld.Operator}: payday");
    }

    [Fact]
    public async Task A_pause_is_shown_stops_the_access_and_ends()
    {
        var id = await world.MemberAsync();
        await world.RefusedAsync(id, "pause", """{ "from": "2026-04-01T00:00:00Z", "why": "away" }""", 409, "A pause begins at the latest with the end of the paid time, *");
        var pause = (await world.AskAsync(id, "pause", """{ "from": "2026-01-01T00:00:00Z", "movesDays": true, "why": "away" }"""))["pause"]!;
        ((bool)pause["movesDays"]!, pause["until"]).Should().Be((true, null));
        ((string)(await world.ReadAsync(id, "entitlement"))["reason"]!).Should().Be("paused");
        world.Host.Time.Advance(TimeSpan.FromDays(3));
        await world.AskAsync(id, "resume", """{ "why": "back" }""");
        ((string)(await world.ReadAsync(id, "entitlement"))["reason"]!).Should().Be("paid");
        (await world.Host.EventsAsync<Paused>(id)).Single().By.Should().Be(ApiWorld.Operator);
        (await world.Host.EventsAsync<Resumed>(id)).Single().By.Should().Be(ApiWorld.Operator);
    }

    [Fact]
    public async Task A_cancel_that_keeps_its_agreement_can_be_undone_and_another_cannot()
    {
        var id = await world.MemberAsync();
        ((string)(await world.AskAsync(id, "cancel", """{ "why": "enough", "keepsAgreement": true }"""))["status"]!).Should().Be("cancelled");
        await world.Host.SweepAsync();
        ((string)(await world.AskAsync(id, "undo-cancel", """{ "why": "stays" }"""))["status"]!).Should().Be("active");
        (await world.Host.EventsAsync<CancelUndone>(id)).Single().By.Should().Be(ApiWorld.Operator);
        await world.AskAsync(id, "cancel", """{ "why": "enough", "by": "merchant" }""");
        await world.Host.SweepAsync();
        await world.RefusedAsync(id, "undo-cancel", """{ "why": "stays" }""", 409, "The agreement is ended at the rail; the member signs a new one.");
        (await world.Host.EventsAsync<Cancelled>(id)).Select(e => e.By).Should().Equal(CancelledBy.Member, CancelledBy.Merchant);
    }

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("unused-days", 4464L)]
    [InlineData("all", 5000L)]
    [InlineData("withdrawal", 5000L)]
    public async Task A_cancel_gives_back_what_it_says(string givesBack, long? fen)
    {
        var id = await world.MemberAsync(1, "gold");
        world.Host.Time.Advance(TimeSpan.FromDays(2));
        var body = $$"""{ "why": "no use", "givesBack": "{{givesBack}}" }""";
        await world.AskAsync(id, "cancel", body);
        var s = await world.AskAsync(id, "cancel", body);
        (s["refunds"]?.AsArray().Select(refund => (long?)Fen(refund!["amount"])).SingleOrDefault()).Should().Be(fen);
        (await world.Host.EventsAsync<RefundGranted>(id)).Select(e => e.By).Should().Equal(fen is null ? [] : [ApiWorld.Operator]);
        ((bool)(await world.ReadAsync(id, "entitlement"))["isEntitled"]!).Should().Be(fen is null, "who has the money back has not the membership");
    }

    [Fact]
    public async Task The_right_to_withdraw_ends_with_its_days()
    {
        var id = await world.MemberAsync(1, "gold");
        world.Host.Time.Advance(TimeSpan.FromDays(8));
        var s = await world.AskAsync(id, "cancel", """{ "why": "no use", "givesBack": "withdrawal" }""");
        ((string)s["status"]!, (string)s["nothingBack"]!, s["refunds"]).Should().Be(("cancelled", "The right to withdraw is 7 days from the first payment, which was on 2026-01-31.", null));
        ((bool)(await world.ReadAsync(id, "entitlement"))["isEntitled"]!).Should().BeTrue("it ends with the paid time");
    }

    [Fact]
    public async Task Days_that_followed_a_pause_go_back_as_what_they_are()
    {
        var id = await world.MemberAsync(1, "gold");
        await world.AskAsync(id, "pause", """{ "from": "2026-01-31T04:00:00Z", "until": "2026-03-01", "movesDays": true, "why": "away" }""");
        world.Host.Time.Advance(TimeSpan.FromDays(29 + 10));
        var s = await world.AskAsync(id, "cancel", """{ "why": "no use", "givesBack": "unused-days" }""");
        Fen(s["refunds"]![0]!["amount"]).Should().Be(3035, "28 days run from 1 March; on the 11th seventeen are unused");
    }

    private static long Fen(JsonNode? money) => (long)money!["minorUnits"]!;
}
