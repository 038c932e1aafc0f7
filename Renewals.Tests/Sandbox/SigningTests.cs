using System.Text.Json;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxSigningTests
{
    [Fact]
    public async Task Signing_in_an_app_tells_ADD_without_appid_and_nonce()
    {
        await using var world = await SandboxWorld.StartAsync();
        var id = await world.SignAsync("code1");
        world.Post.Came.Should().BeEmpty("nothing happens before the clock moves");
        await world.RunForAsync(60);

        var add = world.Post.LastXml;
        WeChatPaySigner.Verify(add, SandboxWorld.Credentials.ApiV2Key, WeChatPaySignType.Md5).Should().BeTrue();
        add.Should().NotContainKeys("appid", "nonce_str");
        (add["change_type"], add["contract_id"], add["contract_code"], add["openid"], add["operate_time"])
            .Should().Be(("ADD", id, "code1", world.Sandbox.OpenIdOf("ann"), "2026-05-01 10:00:00"));
        world.Post.Came.Should().HaveCount(1);
        (await world.QueryContractAsync("code1"))["contract_state"].Should().Be("0");
    }

    [Fact]
    public async Task A_user_holds_one_contract_per_template_and_a_code_is_used_once()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.SignAsync("code1");
        await world.CallAsync("/papay/preentrustweb", world.PureSignFields("code2"), nonce: false);
        (await world.Sandbox.ConfirmSigningAsync("code2", "ann")).Refusal.Should().Be("CONTRACT_EXISTED");
        var named = new Dictionary<string, string>(world.PureSignFields("code3")) { ["openid"] = world.Sandbox.OpenIdOf("ann") };
        (await world.CallAsync("/papay/preentrustweb", named, nonce: false)).Verdict().Should().Be("CONTRACT_EXISTED");
        await world.SignAsync("code4", plan: "90024");

        await world.Sandbox.TerminateAsync("code1", TerminationMode.Member);
        (await world.CallAsync("/papay/preentrustweb", world.PureSignFields("code1"), nonce: false)).Verdict().Should().Be("INVALID_REQUEST");
        (await world.Sandbox.ConfirmSigningAsync("code2", "ann")).Refusal.Should().BeNull("the old contract has ended");
    }

    [Fact]
    public async Task Repeating_an_open_signing_gives_the_same_session_and_a_changed_one_is_refused()
    {
        await using var world = await SandboxWorld.StartAsync();
        var first = await world.CallAsync("/papay/preentrustweb", world.PureSignFields("code1"), nonce: false);
        var again = await world.CallAsync("/papay/preentrustweb", world.PureSignFields("code1"), nonce: false);
        again["pre_entrustweb_id"].Should().Be(first["pre_entrustweb_id"]);
        var changed = new Dictionary<string, string>(world.PureSignFields("code1")) { ["contract_display_account"] = "other" };
        (await world.CallAsync("/papay/preentrustweb", changed, nonce: false)).Verdict().Should().Be("INVALID_REQUEST");
    }

    [Fact]
    public async Task Giving_up_tells_nobody_and_leaves_nothing_to_find()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.CallAsync("/papay/preentrustweb", world.PureSignFields("code1"), nonce: false);
        (await world.QueryContractAsync("code1"))["contract_state"].Should().Be("9");
        (await world.Sandbox.GiveUpSigningAsync("code1")).Should().BeTrue();
        world.Sandbox.NextDue.Should().BeNull();
        (await world.QueryContractAsync("code1")).Verdict().Should().Be("-25");
        (await world.Sandbox.ConfirmSigningAsync("code1", "ann")).Refusal.Should().Be("SESSION_OVER");
    }

    [Fact]
    public async Task The_wallet_page_shows_a_form_that_signs()
    {
        await using var world = await SandboxWorld.StartAsync();
        var page = await world.GetAsync("/papay/entrustweb?" + Query(world.Signed(world.PureSignFields("code1"))));
        page.Should().Contain("ann@example").And.Contain("action=\"/wechat/signings/code1/confirm\"");
        using var answer = await world.PostJsonAsync("/wechat/signings/code1/confirm", """{"member":"ann"}""");
        answer.IsSuccessStatusCode.Should().BeTrue();
        world.Sandbox.Agreements.Should().ContainSingle().Which.Member.Should().Be("ann");
    }

    [Fact]
    public async Task The_browser_way_is_signed_with_HMAC_and_answers_a_redirect_or_a_result_msg()
    {
        await using var world = await SandboxWorld.StartAsync();
        var fields = new Dictionary<string, string>(world.PureSignFields("code1")) { ["clientip"] = "10.1.2.3" };
        var answer = await world.GetAsync("/papay/h5entrustweb?" + Query(world.Signed(fields, WeChatPaySignType.HmacSha256)));
        WeChatPayXml.TryRead(System.Text.Encoding.UTF8.GetBytes(answer), out var xml, out _).Should().BeTrue();
        (await world.GetAsync(new Uri(xml!["redirect_url"]).AbsolutePath)).Should().Contain("code1");
        var wrongMethod = await world.GetAsync("/papay/h5entrustweb?" + Query(world.Signed(fields)));
        wrongMethod.Should().Contain("FAIL").And.Contain("SIGNERROR");
    }

    [Fact]
    public async Task A_mini_program_signs_with_verified_extra_data()
    {
        await using var world = await SandboxWorld.StartAsync();
        var extra = world.PureSignFields("code1");
        extra.Remove("version");
        var signed = world.Signed(extra);
        signed["contract_display_account"] = "tampered";
        (await world.Sandbox.ConfirmMiniProgramAsync(signed, "ann")).Refusal.Should().Contain("SIGNERROR");
        using var answer = await world.PostJsonAsync(
            "/wechat/mini-program", JsonSerializer.Serialize(new { member = "ann", extraData = world.Signed(extra) }));
        answer.IsSuccessStatusCode.Should().BeTrue();
        world.Sandbox.Agreements.Should().ContainSingle();
    }

    [Theory]
    [InlineData(TerminationMode.Expired, "1")]
    [InlineData(TerminationMode.Member, "2")]
    [InlineData(TerminationMode.AccountClosed, "5")]
    public async Task A_termination_goes_to_the_merchant_platforms_address_with_its_mode(TerminationMode mode, string wire)
    {
        await using var world = await SandboxWorld.StartAsync();
        var id = await world.SignAsync("code1");
        await world.RunForAsync(60);
        if (mode == TerminationMode.AccountClosed)
            await world.Sandbox.CloseAccountAsync("ann");
        else
            await world.Sandbox.TerminateAsync(id, mode);
        await world.RunForAsync(60);

        world.Post.LastXml.Should().Contain("change_type", "DELETE").And.Contain("contract_termination_mode", wire);
        var query = await world.QueryContractAsync("code1");
        (query["contract_state"], query["contract_termination_mode"]).Should().Be(("1", wire));
        (await world.ApplyAsync(id, "order1")).Verdict().Should().Be("CONTRACT_NOT_EXIST");
        (await world.NotifyAsync(id)).Status.Should().Be(400);
    }

    [Fact]
    public async Task The_merchant_terminates_and_repeats_it()
    {
        await using var world = await SandboxWorld.StartAsync();
        await world.SignAsync("code1");
        var fields = new Dictionary<string, string>
        {
            ["version"] = "1.0", ["plan_id"] = "90001", ["contract_code"] = "code1", ["contract_termination_remark"] = "asked",
        };
        (await world.CallAsync("/papay/deletecontract", fields, nonce: false)).Verdict().Should().Be("SUCCESS");
        (await world.CallAsync("/papay/deletecontract", fields, nonce: false)).Verdict().Should().Be("SUCCESS");
        world.Sandbox.Agreements.Should().ContainSingle().Which.Mode.Should().Be(TerminationMode.Merchant);
        await world.RunForAsync(60);
        world.Post.Came.Should().HaveCount(2, "one ADD, one DELETE");
    }

    private static string Query(IEnumerable<KeyValuePair<string, string>> fields) =>
        string.Join('&', fields.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
}
