using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

public class UnionPaySandboxSignPageTests
{
    [Fact]
    public async Task A_person_reads_the_terms_in_both_languages_and_confirms_with_the_code()
    {
        await using var world = await UnionPayWorld.StartAsync();
        var page = await OpenAsync(world, "030002");
        page.Should().Contain("lang=\"zh-CN\"").And.Contain("确认代收委托").And.Contain("Confirm the collection entrust").And.Contain("借记卡 debit")
            .And.Contain("12 个月 / 12 months").And.Contain("每月最多 2 次 / at most 2 per month").And.Contain("userann");
        page.Should().NotContain(world.Sandbox.CardOf("ann").Number).And.NotContain(world.Sandbox.CardOf("ann").Phone);
        world.Sandbox.Agreements.Should().BeEmpty("nothing is signed by looking at a page");

        var back = await world.BrowseAsync(ActionOf(page), new() { ["smsCode"] = "111111" });
        back.Should().Contain($"action=\"{world.Post.Url("/return")}\"");
        var fields = Regex.Matches(back, "name=\"(?<n>[^\"]+)\" value=\"(?<v>[^\"]*)\"").ToDictionary(
            field => field.Groups["n"].Value, field => WebUtility.HtmlDecode(field.Groups["v"].Value));
        world.Verified(fields).Should().BeTrue("what the browser brings back is signed");
        fields["respCode"].Should().Be("00");
        world.Sandbox.Agreements.Should().ContainSingle().Which.Should().Match<SandboxAgreement>(a => a.SigningCode == "entrust01" && a.Member == "ann");
        await world.RunForAsync(2);
        world.Verified(world.LastNotification).Should().BeTrue();
        world.LastNotification.Should().Contain("orderId", "entrust01").And.Contain("respCode", "00").And.Contain("payCardType", "01");
    }

    [Fact]
    public async Task Three_wrong_codes_end_it_and_each_is_said_on_the_page()
    {
        await using var world = await UnionPayWorld.StartAsync();
        var page = await OpenAsync(world);
        for (var n = 1; n <= 2; n++)
            (await world.BrowseAsync(ActionOf(page), new() { ["smsCode"] = "222222" })).Should().Contain("role=\"alert\"").And.Contain("The code is wrong").And.Contain("<form");
        (await world.BrowseAsync(ActionOf(page), new() { ["smsCode"] = "222222" })).Should().Contain("(71)").And.NotContain("<form");
        (await world.BrowseAsync(ActionOf(page), new() { ["smsCode"] = "111111" })).Should().Contain("(71)");
        world.Sandbox.Agreements.Should().BeEmpty();
        (await world.QueryAsync("entrust01", world.Time))["origRespCode"].Should().Be("71");
    }

    [Fact]
    public async Task Giving_up_and_waiting_too_long_sign_nothing_and_tell_nobody()
    {
        await using var world = await UnionPayWorld.StartAsync();
        var page = await OpenAsync(world);
        (await world.BrowseAsync(ActionOf(page).Replace("/confirm", "/give-up"), [])).Should().Contain("(69)").And.Contain(world.Post.Url("/return"));
        var late = ActionOf(await OpenAsync(world, order: "entrust02"));
        await world.RunForAsync(30 * 60);
        (await world.BrowseAsync(late, new() { ["smsCode"] = "111111" })).Should().Contain("(69)");
        world.Sandbox.Agreements.Should().BeEmpty();
        world.Post.Came.Should().BeEmpty();
    }

    [Fact]
    public async Task Credit_cards_are_refused_where_only_debit_cards_are_taken()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { HoldsCreditCard = member => member == "ann" });
        (await OpenAsync(world)).Should().Contain("(68)").And.Contain("does not support this business").And.NotContain("<form");
        (await world.EstablishAsync("entrust02"))["respCode"].Should().Be("68");
        await using var open = await UnionPayWorld.StartAsync(new() { HoldsCreditCard = _ => true, DebitCardsOnly = false });
        (await OpenAsync(open)).Should().Contain("信用卡 credit");
    }

    [Fact]
    public async Task Another_persons_card_a_stale_time_and_a_changed_form_are_refused()
    {
        await using var world = await UnionPayWorld.StartAsync();
        world.Bank.OpenAccount("bob", 1);
        var mixed = world.Establishing("entrust01", smsCode: null);
        mixed["accNo"] = world.Payer("bob")["accNo"];
        (await PageAsync(world, world.Signed(mixed))).Should().Contain("(66)");
        var changed = world.Signed(world.Establishing("entrust02", smsCode: null));
        changed["billNo"] = "somebodyelse";
        (await PageAsync(world, changed)).Should().Contain("(11)");
        var stale = world.Signed(world.Establishing("entrust03", smsCode: null));
        world.MoveTo(world.Now + Duration.FromMinutes(11));
        (await PageAsync(world, stale)).Should().Contain("(10)");
        (await PageAsync(world, world.Signed(world.Establishing("entrust01", smsCode: null)))).Should().Contain("(12)", "the number was used");
        world.Sandbox.Agreements.Should().BeEmpty();
    }

    [Fact]
    public async Task What_ends_at_the_bank_is_told_to_nobody_and_shows_in_the_next_collection()
    {
        await using var world = await UnionPayWorld.StartAsync(new() { EntrustNotifications = _ => new() { Lost = true } });
        world.Sandbox.MerchantNotifyUrl = new Uri(world.Post.Url("/merchant"));
        await world.EstablishAsync();
        (await world.Sandbox.TerminateAsync("userann", TerminationMode.Member)).Should().BeTrue();
        (await world.Sandbox.TerminateAsync("userann", TerminationMode.Member)).Should().BeFalse("it is over");
        await world.RunForAsync(3600);
        world.Post.Came.Should().BeEmpty();
        (await world.CollectAsync("collect01"))["respCode"].Should().Be("72");
        world.Sandbox.Agreements.Should().ContainSingle().Which.Mode.Should().Be(TerminationMode.Member);
    }

    [Fact]
    public async Task The_page_to_come_back_to_is_there_for_merchants_that_have_none()
    {
        await using var world = await UnionPayWorld.StartAsync();
        var address = new Uri(world.Sandbox.MerchantSettings(world.Server.Address)[nameof(UnionPayOptions.ReturnUrl)]);
        (await world.BrowseAsync(address.PathAndQuery, [])).Should().Contain("Back at the merchant");
    }

    private static Task<string> OpenAsync(UnionPayWorld world, string frequency = "030001", string order = "entrust01") => PageAsync(
        world, world.Signed(world.Establishing(order, terms: $"{{validMonth=012&frequency={frequency}}}", smsCode: null)));

    private static async Task<string> PageAsync(UnionPayWorld world, Dictionary<string, string> signed) =>
        Encoding.UTF8.GetString(await world.RawAsync(GatewayPaths.Front, signed));

    private static string ActionOf(string page) => Regex.Match(page, "action=\"(?<a>/gateway/front/[^\"]+/confirm)\"").Groups["a"].Value;
}
