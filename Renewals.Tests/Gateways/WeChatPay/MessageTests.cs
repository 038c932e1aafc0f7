using System.Text;
using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>Each request has exactly the fields its page lists, and a repeat of a money call is the same bytes.</summary>
public sealed class MessageTests
{
    private const string Contract = "appid,mch_id,plan_id,contract_code,request_serial,contract_display_account,notify_url,timestamp";

    private static readonly string[] Calls =
    [
        "/pay/pappayapply: appid,mch_id,nonce_str,body,out_trade_no,total_fee,fee_type,spbill_create_ip,notify_url,trade_type,contract_id,sign",
        "/pay/paporderquery: appid,mch_id,nonce_str,out_trade_no,sign",
        "/pay/orderquery: appid,mch_id,nonce_str,out_trade_no,sign",
        "/pay/closeorder: appid,mch_id,nonce_str,out_trade_no,sign",
        "/papay/querycontract: appid,mch_id,contract_id,version,sign",
        "/papay/querycontract: appid,mch_id,plan_id,contract_code,version,sign",
        "/papay/deletecontract: appid,mch_id,contract_id,contract_termination_remark,version,sign",
        "/papay/deletecontract: appid,mch_id,plan_id,contract_code,contract_termination_remark,version,sign",
        "/secapi/pay/refund: appid,mch_id,nonce_str,out_trade_no,out_refund_no,total_fee,refund_fee,refund_fee_type,refund_desc,notify_url,sign",
        "/pay/refundquery: appid,mch_id,nonce_str,out_refund_no,sign",
        "/pay/downloadbill: appid,mch_id,nonce_str,bill_date,bill_type,tar_type,sign",
        $"/papay/preentrustweb: {Contract},version,return_app,sign",
        $"/papay/h5entrustweb: {Contract},version,clientip,sign",
        "/pay/contractorder: appid,mch_id,contract_mchid,contract_appid,out_trade_no,nonce_str,body,notify_url,total_fee,fee_type," +
            "spbill_create_ip,time_start,time_expire,trade_type,openid,plan_id,contract_code,request_serial,contract_display_account," +
            "contract_notify_url,sign",
        "/pay/contractorder: appid,mch_id,contract_mchid,contract_appid,out_trade_no,nonce_str,body,notify_url,total_fee,fee_type," +
            "spbill_create_ip,time_start,time_expire,trade_type,plan_id,contract_code,request_serial,contract_display_account," +
            "contract_notify_url,sign",
    ];

    private static readonly WeChatPayMessages Messages = new(Samples.Options());
    private static readonly WeChatPaySigningMessages Signing = new(Samples.Options());

    [Fact]
    public void Every_call_has_the_fields_of_its_page_and_no_other() => All(Messages, Signing)
        .Select(message => $"{message.Path}: {string.Join(',', message.Fields.Select(field => field.Key))}").Should().Equal(Calls);

    [Fact]
    public void Every_call_is_signed_by_its_method_and_fits_its_xml()
    {
        foreach (var type in Enum.GetValues<WeChatPaySignType>())
        {
            var options = Samples.Options(o => o.SignType = type);
            foreach (var message in All(new(options), new(options)))
            {
                var expected = message.Path switch
                {
                    "/papay/h5entrustweb" => WeChatPaySignType.HmacSha256,
                    "/papay/querycontract" or "/papay/deletecontract" or "/pay/contractorder" => WeChatPaySignType.Md5,
                    _ => type,
                };
                message.SignType.Should().Be(expected, message.Path);
                WeChatPayXml.TryRead(message.ToXml(), out var fields, out _).Should().BeTrue();
                WeChatPaySigner.Verify(fields!, Samples.V2Key, expected).Should().BeTrue(message.Path);
                fields!.ContainsKey("sign_type").Should().Be(type == WeChatPaySignType.HmacSha256 && expected == type && message.Path != "/papay/h5entrustweb");
            }
        }
    }

    [Fact]
    public void A_repeat_of_a_money_call_is_byte_identical_and_another_order_is_not()
    {
        Messages.Apply(Samples.Order).ToXml().Should().Equal(new WeChatPayMessages(Samples.Options()).Apply(Samples.Order).ToXml());
        Messages.Refund(Samples.Refund).ToXml().Should().Equal(Messages.Refund(Samples.Refund).ToXml());
        Messages.RefundV3(Samples.Refund).Body.ToArray().Should().Equal(Messages.RefundV3(Samples.Refund).Body.ToArray());
        var signing = Samples.Signing(SigningScene.OfficialAccount, paying: true);
        Signing.ContractOrder(signing, signing.FirstPayment!).ToXml().Should().Equal(Signing.ContractOrder(signing, signing.FirstPayment!).ToXml());
        Nonce(Messages.Apply(Samples.Order)).Should().MatchRegex("^[0-9a-f]{32}$").And
            .NotBe(Nonce(Messages.Apply(Samples.Order with { Number = Samples.Number.Charge.Attempt(2) })));
        Nonce(Messages.OrderQuery(Samples.Order)).Should().NotBe(Nonce(Messages.OrderQuery(Samples.Order)), "a question is new each time");
    }

    [Fact]
    public void A_charge_carries_what_the_order_says()
    {
        var fields = Messages.Apply(Samples.Order).Fields.ToDictionary();
        fields["out_trade_no"].Should().Be(Samples.Number.ToString());
        fields["total_fee"].Should().Be("1500");
        fields["body"].Should().Be("会员续费");
        fields["trade_type"].Should().Be("PAP");
        fields["contract_id"].Should().Be(Samples.ContractId);
        fields["spbill_create_ip"].Should().Be("203.0.113.10");
    }

    [Theory]
    [InlineData(SigningScene.OfficialAccount, "JSAPI")]
    [InlineData(SigningScene.MiniProgram, "JSAPI")]
    [InlineData(SigningScene.App, "APP")]
    [InlineData(SigningScene.MobileBrowser, "MWEB")]
    public void The_first_payment_is_of_the_scene_s_kind(SigningScene scene, string tradeType)
    {
        var request = Samples.Signing(scene, paying: true);
        var fields = Signing.ContractOrder(request, request.FirstPayment!).Fields.ToDictionary();
        fields["trade_type"].Should().Be(tradeType);
        fields.ContainsKey("openid").Should().Be(tradeType == "JSAPI");
        fields["contract_mchid"].Should().Be(fields["mch_id"]);
        fields["time_start"].Should().Be("20260303080000");
        fields["time_expire"].Should().Be("20260303083000");
    }

    [Fact]
    public void The_signing_page_signs_raw_values_and_sends_encoded_ones()
    {
        var address = Signing.EntrustWeb(Samples.Signing(SigningScene.OfficialAccount));
        address.Fragment.Should().Be("#wechat_redirect");
        address.GetLeftPart(UriPartial.Path).Should().Be("https://api.mch.weixin.qq.com/papay/entrustweb");
        address.Query.Should().Contain("notify_url=https%3A%2F%2Fpay.example.test%2Fwx").And.Contain("return_web=1");
        var fields = address.Query[1..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        string.Join(',', fields.Keys).Should().Be($"{Contract},version,return_web,sign");
        WeChatPaySigner.Verify(fields, Samples.V2Key, WeChatPaySignType.Md5).Should().BeTrue();
    }

    [Fact]
    public void The_vectors_of_the_signing_pages_have_the_same_fields_and_encoding()
    {
        var vectors = Samples.Vector("v2-sign.json").GetProperty("cases").EnumerateArray().ToDictionary(test => test.Text("id"));
        vectors["dev-v2-13"].Map("params").Keys.Order().Should().Equal($"{Contract},version,return_web".Split(',').Order());
        vectors["dev-v2-14"].Map("params").Keys.Order().Should().Equal(Contract.Split(',').Order());
        vectors["dev-v2-15"].Map("params").Keys.Order().Should().Equal($"{Contract},version,clientip".Split(',').Order());
        vectors["dev-v2-16"].Map("params").Keys.Order().Should().Equal($"{Contract},version,return_app".Split(',').Order());
        foreach (var id in new[] { "dev-v2-13", "dev-v2-15" })
        {
            var fields = WeChatPaySigner.Signed(vectors[id].Map("params"), vectors[id].Text("key"), id == "dev-v2-13" ? WeChatPaySignType.Md5 : WeChatPaySignType.HmacSha256);
            var query = new WeChatPayMessage("", WeChatPaySignType.Md5, fields).ToQuery().Split('&');
            new Uri(vectors[id].Text("url")).Query[1..].Split('&').Order().Should().Equal(query.Order(), id);
        }
    }

    [Fact]
    public void A_mini_program_gets_its_parameters_without_version()
    {
        var page = Signing.MiniProgram(Samples.Signing(SigningScene.MiniProgram));
        page.AppId.Should().Be("wxbd687630cd02ce1d");
        page.Path.Should().Be("pages/index/index");
        string.Join(',', page.ExtraData.Keys).Should().Be($"{Contract},sign");
        page.ExtraData["notify_url"].Should().Be("https://pay.example.test/wx", "it is plain here");
        WeChatPaySigner.Verify(page.ExtraData, Samples.V2Key, WeChatPaySignType.Md5).Should().BeTrue();
    }

    [Fact]
    public void Parameters_to_pay_are_signed_anew()
    {
        var request = Samples.Signing(SigningScene.OfficialAccount, paying: true);
        var page = new Dictionary<string, string>(Signing.PagePayment(request, request.FirstPayment!, "wx1").Values);
        string.Join(',', page.Keys).Should().Be("appId,timeStamp,nonceStr,package,signType,paySign");
        page.Remove("paySign", out var sign);
        sign.Should().Be(WeChatPaySigner.Sign(page, Samples.V2Key, WeChatPaySignType.Md5));
        var app = Signing.AppPayment(request, request.FirstPayment!, "wx1").Values;
        string.Join(',', app.Keys).Should().Be("appid,partnerid,prepayid,package,noncestr,timestamp,sign");
        WeChatPaySigner.Verify(app, Samples.V2Key, WeChatPaySignType.Md5).Should().BeTrue();
    }

    [Fact]
    public void A_notice_names_its_amount_amount_and_its_window_only_when_told()
    {
        var notice = new RailNoticeOrder(Samples.Signed, Money.Cny(1500));
        var message = Messages.PreNotice(notice);
        message.Path.Should().Be("/v3/papay/contracts/202603010000000001/notify");
        Body(message).Should().Be("""{"mchid":"1900000109","appid":"wxcbda96de0b165486","estimated_amount":{"amount":1500,"currency":"CNY"}}""");
        Body(new WeChatPayMessages(Samples.Options(o => o.DeductDurationDays = 3)).PreNotice(notice)).Should().EndWith(
            """{"amount":1500,"currency":"CNY"},"deduct_duration":{"count":3,"unit":"DAY"}}""");
    }

    [Fact]
    public void A_v3_refund_names_order_refund_and_amounts() => Body(Messages.RefundV3(Samples.Refund)).Should().Be(
        $$$"""{"out_trade_no":"{{{Samples.Number}}}","out_refund_no":"{{{Samples.Refund.Number}}}","reason":"用户申请","notify_url":"https://pay.example.test/wx","amount":""" +
        """{"refund":500,"total":1500,"currency":"CNY"}}""");

    [Fact]
    public void A_request_serial_is_a_positive_number_of_the_agreement()
    {
        var serial = WeChatPaySealer.RequestSerial(Samples.Agreement);
        serial.Should().Be(WeChatPaySealer.RequestSerial(Samples.Agreement)).And.MatchRegex("^[1-9][0-9]{0,18}$");
        long.Parse(serial).Should().BePositive();
        WeChatPaySealer.RequestSerial(new(Guid.Parse("018f3a5c-0000-7000-8000-000000000043"))).Should().NotBe(serial);
    }

    private static string Body(WeChatPayV3Message message) => Encoding.UTF8.GetString(message.Body.Span);

    private static string Nonce(WeChatPayMessage message) => message.Fields.ToDictionary()["nonce_str"];

    private static IEnumerable<WeChatPayMessage> All(WeChatPayMessages messages, WeChatPaySigningMessages signing)
    {
        var (inWallet, outside) = (Samples.Signing(SigningScene.OfficialAccount, true), Samples.Signing(SigningScene.MobileBrowser, true));
        return
        [
            messages.Apply(Samples.Order), messages.OrderQuery(Samples.Order), messages.OrderQuery(Samples.FirstOrder),
            messages.CloseOrder(Samples.Number.ToString()), messages.QueryContract(Samples.Signed), messages.QueryContract(Samples.Unsigned),
            messages.DeleteContract(Samples.Signed, "x"), messages.DeleteContract(Samples.Unsigned, "x"), messages.Refund(Samples.Refund),
            messages.RefundQuery(Samples.Refund), messages.DownloadBill(new LocalDate(2026, 3, 3)),
            signing.PreEntrustWeb(Samples.Signing(SigningScene.App)), signing.H5EntrustWeb(Samples.Signing(SigningScene.MobileBrowser)),
            signing.ContractOrder(inWallet, inWallet.FirstPayment!), signing.ContractOrder(outside, outside.FirstPayment!),
        ];
    }
}
