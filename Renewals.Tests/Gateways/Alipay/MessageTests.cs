using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>What goes on the wire, byte for byte.</summary>
public sealed class MessageTests
{
    private static readonly AlipayMessages Messages = new(Samples.Options());
    private static readonly string Code = Samples.Agreement.SigningCode;

    [Fact]
    public void A_deduction_has_its_fields_in_order_and_its_end_in_Beijing_time() => Messages.Pay(Samples.Order).Should().Be(new AlipayMessage(
        "alipay.trade.pay",
        $$$"""
        {"out_trade_no":"{{{Samples.Number}}}","total_amount":"19.90","subject":"会员月费 2025年7月","product_code":"GENERAL_WITHHOLDING",
        "agreement_params":{"agreement_no":"{{{Samples.AgreementNo}}}"},"time_expire":"2025-07-01 10:00:00"}
        """.ReplaceLineEndings(""),
        Notifies: true));

    [Fact]
    public void Equal_orders_give_equal_contents_whenever_they_are_sent()
    {
        var again = new AlipayMessages(Samples.Options()).Pay(Samples.Order with { });
        again.Content.Should().Be(Messages.Pay(Samples.Order).Content);
        foreach (var change in new Action<AlipayOptions>[] { _ => { }, o => o.AesKey = Samples.Vector("keys.json").Text("aes_key_base64") })
        {
            var sealer = new AlipaySealer(Samples.Options(change));
            var (first, late) = (sealer.Seal(again, Samples.Now), sealer.Seal(again, Samples.Now + Duration.FromHours(1)));
            late["biz_content"].Should().Be(first["biz_content"]);
            late["timestamp"].Should().Be("2025-07-01 09:00:00", "the rail may refuse a stale time");
            first["timestamp"].Should().Be("2025-07-01 08:00:00");
        }
    }

    [Fact]
    public void The_subject_never_holds_what_the_rail_forbids()
    {
        AlipayMessages.Subject("A/B=C&D,E").Should().Be("A／B＝C＆D，E");
        AlipayMessages.Subject(new string('x', 300)).Should().HaveLength(256);
        AlipayMessages.Subject(new string('x', 255) + "\U0001F600").Should().Be(new string('x', 255), "half a character is no text");
        Messages.Pay(Samples.Order with { Subject = "a/b" }).Content.Should().Contain("a／b");
    }

    [Fact]
    public void An_order_without_an_end_has_none_and_the_older_contract_its_own_product()
    {
        Messages.Pay(Samples.Order with { ExpiresAt = null }).Content.Should().NotContain("time_expire");
        new AlipayMessages(Samples.Options(o => o.Product = AlipayProduct.PeriodicDeduction)).Pay(Samples.Order).Content
            .Should().Contain("\"product_code\":\"CYCLE_PAY_AUTH\"");
    }

    [Fact]
    public void Orders_refunds_and_statements_are_asked_for_by_number_and_day()
    {
        var number = Samples.Number.ToString();
        AlipayMessages.Query(number).Should().Be(new AlipayMessage("alipay.trade.query", $$"""{"out_trade_no":"{{number}}"}"""));
        AlipayMessages.Close(number).Should().Be(new AlipayMessage("alipay.trade.close", $$"""{"out_trade_no":"{{number}}"}"""));
        AlipayMessages.Cancel(number).Should().Be(new AlipayMessage("alipay.trade.cancel", $$"""{"out_trade_no":"{{number}}"}"""));
        AlipayMessages.Refund(Samples.Refund).Should().Be(new AlipayMessage(
            "alipay.trade.refund",
            $$"""{"out_trade_no":"{{number}}","refund_amount":"5.00","refund_reason":"服务中断补偿","out_request_no":"{{Samples.Refund.Number}}"}"""));
        AlipayMessages.RefundQuery(Samples.Refund).Should().Be(new AlipayMessage(
            "alipay.trade.fastpay.refund.query",
            $$"""{"out_trade_no":"{{number}}","out_request_no":"{{Samples.Refund.Number}}","query_options":["gmt_refund_pay"]}"""));
        AlipayMessages.Statement(new(2025, 6, 1)).Content.Should().Be("""{"bill_type":"trade","bill_date":"2025-06-01"}""");
    }

    [Fact]
    public void An_agreement_is_named_by_the_rails_number_or_by_ours()
    {
        AlipayMessages.QueryAgreement(Samples.Signed).Content.Should().Be($$"""{"agreement_no":"{{Samples.AgreementNo}}"}""");
        var ours = $$"""{"external_agreement_no":"{{Code}}","sign_scene":"INDUSTRY|DIGITAL_MEDIA","personal_product_code":"CYCLE_PAY_AUTH_P"}""";
        AlipayMessages.QueryAgreement(Samples.Unsigned).Content.Should().Be(ours);
        AlipayMessages.Unsign(Samples.Unsigned).Should().Be(new AlipayMessage("alipay.user.agreement.unsign", ours, Notifies: true));
        AlipayMessages.MovePlan(Samples.AgreementNo, new(2025, 7, 20)).Content
            .Should().Be($$"""{"agreement_no":"{{Samples.AgreementNo}}","deduct_time":"2025-07-20"}""");
        Code.Should().HaveLength(32).And.MatchRegex("^[0-9a-f]+$", "the rail takes 32 letters and digits");
    }

    [Fact]
    public void A_signing_link_says_what_is_agreed()
    {
        var fields = Fields(Shown<SigningPage.SdkParameters>(SigningScene.App).Values["signStr"]);
        fields["method"].Should().Be("alipay.user.agreement.page.sign");
        fields["timestamp"].Should().Be("2025-07-01 08:00:00");
        fields["notify_url"].Should().Be("https://pay.example.test/alipay");
        fields["biz_content"].Should().Be(
            $$$"""{"product_code":"GENERAL_WITHHOLDING",{{{Agreed}}},"effect_time":7200}""");
        Samples.AppPublicKey.Verify(AlipaySigner.StringToSign(fields), fields["sign"], AlipayWire.Utf8).Should().BeTrue();
    }

    [Fact]
    public void An_order_string_pays_and_signs_in_one()
    {
        foreach (var scene in new[] { SigningScene.App, SigningScene.MiniProgram })
        {
            var fields = Fields(Shown<SigningPage.SdkParameters>(scene, paying: true).Values["orderStr"]);
            fields["method"].Should().Be("alipay.trade.app.pay");
            fields["biz_content"].Should().Be(
                $$$"""
                {"out_trade_no":"{{{Samples.Number}}}","total_amount":"9.90","subject":"首月优惠","product_code":"GENERAL_WITHHOLDING",
                "time_expire":"2025-07-01 08:30:00","agreement_sign_params":{"product_code":"GENERAL_WITHHOLDING",{{{Agreed}}},
                "sign_notify_url":"https://pay.example.test/alipay"}}
                """.ReplaceLineEndings(""));
        }
    }

    [Fact]
    public void Each_scene_gets_what_its_device_opens()
    {
        Shown<SigningPage.SdkParameters>(SigningScene.App).Values["scheme"].Should().StartWith("alipays://platformapi/startapp?appId=60000157&");
        var returning = (AlipayOptions o) => o.ReturnUrl = new("https://shop.example.test/back");
        var mini = Shown<SigningPage.SdkParameters>(SigningScene.MiniProgram, change: o => returning(o)).Values["signStr"];
        mini.Should().NotContain("&").And.NotContain("return_url", "a mini program fails with 6001 when it has one");
        Fields(Uri.UnescapeDataString(mini))["method"].Should().Be("alipay.user.agreement.page.sign");
        Shown<SigningPage.Redirect>(SigningScene.OfficialAccount).Address.OriginalString
            .Should().StartWith("https://openapi.alipay.com/gateway.do?app_id=");
        Shown<SigningPage.Redirect>(SigningScene.MobileBrowser).Address.OriginalString
            .Should().StartWith("alipays://platformapi/startapp?appId=20000067&url=https%3A%2F%2Fopenapi.alipay.com%2Fgateway.do%3F");
        Shown<SigningPage.Redirect>(SigningScene.MobileBrowser, change: o => o.BrowserPage = AlipayBrowserPage.WebPage).Address.Scheme
            .Should().Be("https");
        var code = Shown<SigningPage.QrCode>(SigningScene.MobileBrowser, change: o => o.BrowserPage = AlipayBrowserPage.QrCode).Text;
        Fields(code[(code.IndexOf('?') + 1)..])["biz_content"].Should().Contain("\"channel\":\"QRCODE\"");
        Fields(Shown<SigningPage.Redirect>(SigningScene.OfficialAccount, change: o => o.ReturnUrl = new("https://shop.example.test/back"))
            .Address.Query.TrimStart('?'))["return_url"].Should().Be("https://shop.example.test/back");
    }

    [Fact]
    public void A_repeat_shows_the_same_link() =>
        Shown<SigningPage.SdkParameters>(SigningScene.App).Values.Should().Equal(Shown<SigningPage.SdkParameters>(SigningScene.App).Values);

    [Fact]
    public void A_year_is_twelve_months_to_the_rail_and_a_week_seven_days()
    {
        AlipaySigningMessages.PeriodOf(BillingInterval.Yearly).Should().Be(("MONTH", 12));
        AlipaySigningMessages.PeriodOf(new(2, BillingUnit.Week)).Should().Be(("DAY", 14));
        AlipaySigningMessages.PeriodOf(new(10, BillingUnit.Day)).Should().Be(("DAY", 10));
    }

    public static TheoryData<string, SigningRequest> Refusals()
    {
        var good = Samples.Signing(SigningScene.App);
        var paying = Samples.Signing(SigningScene.App, paying: true);
        return new()
        {
            { "SIGN_SCENE", good with { Template = "" } },
            { "SIGN_SCENE", good with { Template = "DEFAULT|DEFAULT" } },
            { "EXTERNAL_LOGON_ID", good with { DisplayAccount = new string('x', 101) } },
            { "EXECUTE_TIME", good with { Plan = good.Plan with { FirstChargeOn = new(2025, 7, 29) } } },
            { "PERIOD", good with { Plan = good.Plan with { Interval = default } } },
            { "SINGLE_AMOUNT", good with { Plan = good.Plan with { Ceiling = Money.Cny(0) } } },
            { "SINGLE_AMOUNT", good with { Plan = good.Plan with { Ceiling = new(100, "USD") } } },
            { "TOTAL_AMOUNT", paying with { FirstPayment = paying.FirstPayment! with { Amount = Money.Cny(0) } } },
            { "SCENE", paying with { Scene = SigningScene.MobileBrowser } },
            { "SCENE", paying with { Scene = SigningScene.OfficialAccount } },
        };
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_the_page_would_refuse_is_not_shown(string code, SigningRequest request) =>
        Start(request).Should().BeOfType<SigningAnswer.Refused>().Which.RailCode.Should().Be(code);

    private static string Agreed =>
        $$$"""
        "personal_product_code":"CYCLE_PAY_AUTH_P","sign_scene":"INDUSTRY|DIGITAL_MEDIA","external_agreement_no":"{{{Code}}}",
        "external_logon_id":"user-101","access_params":{"channel":"ALIPAYAPP"},"period_rule_params":{"period_type":"MONTH","period":1,
        "execute_time":"2025-07-06","single_amount":"25.00"}
        """.ReplaceLineEndings("");

    private static IReadOnlyDictionary<string, string> Fields(string form) => AlipayWire.TryReadForm(AlipayWire.Utf8.GetBytes(form))!.Value.Fields;

    private static SigningAnswer Start(SigningRequest request, Action<AlipayOptions>? change = null)
    {
        var options = Samples.Options(change);
        return new AlipaySigning(options, new AlipaySealer(options)).Start(request);
    }

    private static T Shown<T>(SigningScene scene, bool paying = false, Action<AlipayOptions>? change = null)
        where T : SigningPage => Start(Samples.Signing(scene, paying), change).Should().BeOfType<SigningAnswer.Ready>().Which.Page
            .Should().BeOfType<T>().Subject;
}
