using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

public class SandboxStrictnessTests
{
    [Fact]
    public async Task A_wrong_missing_or_other_method_signature_is_refused_unsigned()
    {
        await using var world = await SandboxWorld.StartAsync();
        var fields = new Dictionary<string, string>
        {
            ["appid"] = SandboxWorld.Credentials.AppId, ["mch_id"] = SandboxWorld.Credentials.MchId, ["nonce_str"] = "n", ["out_trade_no"] = "order1",
        };
        foreach (var body in new[]
        {
            fields,
            new(fields) { ["sign"] = "" },
            new(world.Signed(fields)) { ["out_trade_no"] = "order2" },
            world.Signed(fields, WeChatPaySignType.HmacSha256),
            new(world.Signed(fields)) { ["sign"] = world.Signed(fields)["sign"].ToLowerInvariant() },
        })
        {
            var answer = await world.PostRawAsync("/pay/paporderquery", WeChatPayXml.Write(body));
            answer["return_code"].Should().Be("FAIL");
            answer.Should().NotContainKey("sign");
        }
    }

    [Fact]
    public async Task Broken_XML_and_strangers_are_refused()
    {
        await using var world = await SandboxWorld.StartAsync();
        foreach (var body in new[] { "", "<xml>", "<!DOCTYPE a><xml></xml>", "<xml><mch_id>1</mch_id><mch_id>1</mch_id></xml>", "<xml><mch_id>1</mch_id></xml>" })
            (await world.PostRawAsync("/pay/pappayapply", body))["return_code"].Should().Be("FAIL");
        (await world.CallAsync("/pay/paporderquery", new() { ["out_trade_no"] = "order1", ["appid"] = "wx1" })).Verdict()
            .Should().Be("APPID_MCHID_NOT_MATCH");
    }

    [Fact]
    public async Task No_nonce_where_none_belongs_and_one_where_it_does()
    {
        await using var world = await SandboxWorld.StartAsync();
        var query = new Dictionary<string, string> { ["version"] = "1.0", ["contract_id"] = "1" };
        (await world.CallAsync("/papay/querycontract", query, nonce: true))["return_msg"].Should().Contain("SIGNERROR");
        (await world.CallAsync("/papay/preentrustweb", world.PureSignFields("code1"), nonce: true))["return_code"].Should().Be("FAIL");
        (await world.CallAsync("/pay/paporderquery", new() { ["out_trade_no"] = "order1" }, nonce: false)).Verdict().Should().Be("LACK_PARAMS");
    }

    [Theory]
    [InlineData("total_fee", "0")]
    [InlineData("total_fee", "15.00")]
    [InlineData("total_fee", "-1")]
    [InlineData("out_trade_no", "order 1")]
    [InlineData("out_trade_no", "012345678901234567890123456789012")]
    [InlineData("trade_type", "JSAPI")]
    [InlineData("notify_url", "http://127.0.0.1/x?y=1")]
    [InlineData("notify_url", "ftp://127.0.0.1/x")]
    [InlineData("fee_type", "USD")]
    [InlineData("version", "1.0")]
    [InlineData("surprise", "1")]
    public async Task Forms_and_field_sets_are_checked(string name, string value)
    {
        await using var world = await SandboxWorld.StartAsync();
        var contract = await world.SignAsync("code1");
        var fields = new Dictionary<string, string>(world.ApplyFields(contract, "order1")) { [name] = value };
        (await world.CallAsync("/pay/pappayapply", fields)).Verdict().Should().Be("PARAM_ERROR");
        fields.Remove(name);
        world.Sandbox.NextDue.Should().NotBeNull("only the ADD waits");
        world.Bank.FailedAttempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Signing_fields_have_their_own_forms()
    {
        await using var world = await SandboxWorld.StartAsync();
        foreach (var (name, value) in new[]
        {
            ("contract_code", "a-b"), ("request_serial", "01"), ("request_serial", "9223372036854775808"), ("contract_display_account", "ann😀"),
            ("timestamp", "1"), ("version", "2.0"), ("plan_id", "77"),
        })
        {
            var fields = new Dictionary<string, string>(world.PureSignFields("code1")) { [name] = value };
            (await world.CallAsync("/papay/preentrustweb", fields, nonce: false)).Verdict().Should().Be("PARAM_ERROR", $"{name}={value}");
        }
    }

    [Fact]
    public async Task V3_checks_the_header_the_clock_the_serial_and_the_body()
    {
        await using var world = await SandboxWorld.StartAsync();
        const string path = "/v3/certificates";
        (await world.CallV3Async("GET", path)).Status.Should().Be(200);
        (await world.CallV3Async("GET", path, at: world.Now.PlusNanoseconds(-300_000_000_000))).Status.Should().Be(401);
        (await world.CallV3Async("GET", path, at: world.Now.PlusNanoseconds(299_000_000_000))).Status.Should().Be(200);
        (await world.CallV3Async("GET", path, serial: "AB")).Status.Should().Be(401);
        (await world.CallV3Async("GET", path, spoil: request => request.Headers.Remove("Authorization"))).Status.Should().Be(401);
        (await world.CallV3Async("GET", path, spoil: request => request.Headers.Remove("User-Agent"))).Status.Should().Be(400);
        var contract = await world.SignAsync("code1");
        var other = $"/v3/papay/contracts/{contract}/notify";
        (await world.CallV3Async("POST", other, "{}", spoil: request => request.Content = new StringContent("{ }"))).Status.Should().Be(401);
        (await world.CallV3Async("POST", other, """{"mchid":"1","appid":"2"}""")).Body.Should().Contain("PARAM_ERROR");
        var text = $$"""{"mchid":"{{SandboxWorld.Credentials.MchId}}","appid":"{{SandboxWorld.Credentials.AppId}}","estimated_amount":{"amount":"15"} }""";
        (await world.CallV3Async("POST", other, text)).Status.Should().Be(400, "an amount is a number, not a text");
        (await world.CallV3Async("POST", other, text.Replace("\"amount\":\"15\"", "\"total\":15"))).Status.Should().Be(400);
        (await world.CallV3Async("POST", other, text.Replace("\"15\"", "15"))).Status.Should().Be(204);
    }

    [Fact]
    public async Task Certificates_are_encrypted_with_the_v3_key()
    {
        await using var world = await SandboxWorld.StartAsync();
        using var list = System.Text.Json.JsonDocument.Parse((await world.CallV3Async("GET", "/v3/certificates")).Body);
        var cipher = list.RootElement.GetProperty("data")[0].GetProperty("encrypt_certificate");
        var plain = WeChatPayCipher.TryDecryptAead(
            SandboxWorld.Credentials.ApiV3Key, cipher.GetProperty("nonce").GetString()!, cipher.GetProperty("associated_data").GetString(),
            cipher.GetProperty("ciphertext").GetString()!);
        System.Text.Encoding.UTF8.GetString(plain!).Should().Be(SandboxWorld.Credentials.PlatformCertificatePem);
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(SandboxWorld.Credentials.PlatformCertificatePem);
        certificate.SerialNumber.Should().Be(SandboxWorld.Credentials.PlatformSerial).And.HaveLength(40);
    }

    [Fact]
    public async Task A_platform_in_public_key_mode_names_that_key()
    {
        await using var world = await SandboxWorld.StartAsync(new() { KeyMode = PlatformKeyMode.PublicKey });
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(world.Server.Address, "/v3/certificates"));
        answer.Headers.GetValues("Wechatpay-Serial").Should().Equal(SandboxWorld.Credentials.PublicKeyId);
    }
}
