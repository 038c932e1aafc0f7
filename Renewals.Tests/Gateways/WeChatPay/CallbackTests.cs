using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

public sealed class CallbackTests
{
    private static readonly WeChatPayCallbacks Callbacks = Build();

    private static readonly (string, string)[] PaidFields =
    [
        ("result_code", "SUCCESS"), ("trade_state", "SUCCESS"), ("out_trade_no", "SUB1"), ("total_fee", "1500"), ("transaction_id", "42"),
        ("time_end", "20260303080512"), ("contract_id", Samples.ContractId),
    ];

    [Fact]
    public void The_vector_of_a_paid_deduction_is_read() => Read(Samples.Bytes("notify-deduct-success.xml")).Should().Be(
        new CallbackReading.OfCharge("SUB202603010001", new ChargeAnswer(new ChargeOutcome.Succeeded(
            Money.Cny(1500), "4200002026030312345678901234", Instant.FromUtc(2026, 3, 3, 0, 5, 12)))));

    [Fact]
    public void The_vector_of_a_failed_deduction_is_read() => Read(Samples.Bytes("notify-deduct-fail.xml")).Should().Be(
        new CallbackReading.OfCharge("SUB202603010003", new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH"))));

    [Fact]
    public void The_vectors_of_signing_and_ending_are_read()
    {
        Read(Samples.Bytes("notify-contract-add.xml")).Should().Be(new CallbackReading.OfAgreement("C20260301000001", new AgreementAnswer.Active(
            Samples.ContractId, "onqOjjmM1tad-3ROpncN-yUfa6ua", Instant.FromUtc(2026, 3, 1, 2, 0), Instant.FromUtc(2036, 3, 1, 2, 0))));
        Read(Samples.Bytes("notify-contract-delete.xml")).Should().Be(new CallbackReading.OfAgreement(
            "C20260301000001", new AgreementAnswer.Terminated(TerminationMode.Member, Instant.FromUtc(2026, 4, 11, 13, 14, 5))));
    }

    [Fact]
    public void The_vector_of_a_refund_is_read() => Read(Samples.Bytes("notify-refund.xml")).Should().Be(new CallbackReading.OfRefund(
        "SUB202603010001", "R202603050001",
        new RefundAnswer.Refunded(Money.Cny(500), "50200207182018070300011301001", Instant.FromUtc(2026, 3, 5, 3, 2, 17))));

    [Fact]
    public void No_signed_vector_survives_a_changed_character()
    {
        foreach (var file in new[] { "notify-deduct-success.xml", "notify-deduct-fail.xml", "notify-contract-add.xml", "notify-contract-delete.xml" })
        {
            WeChatPayXml.TryRead(Samples.Bytes(file), out var fields, out _).Should().BeTrue();
            foreach (var (name, value) in fields!.Where(field => field.Value.Length > 0))
            {
                var changed = new Dictionary<string, string>(fields!) { [name] = (char)(value[0] ^ 1) + value[1..] };
                Rejected(Encoding.UTF8.GetBytes(WeChatPayXml.Write(changed)), $"{name} of {file} was changed");
            }
        }
    }

    [Fact]
    public void What_is_not_signed_by_the_configured_method_or_not_ours_is_rejected()
    {
        Rejected(Samples.SignedXml(Samples.Ours(PaidFields), WeChatPaySignType.HmacSha256), "the method is MD5");
        Rejected(Samples.SignedXml(Samples.Ours([.. PaidFields, ("mch_id", "2")])), "another merchant");
        Rejected(Samples.SignedXml(Samples.Ours([.. PaidFields, ("appid", "wx2")])), "another app");
        Rejected(Samples.SignedXml(Samples.Ours([.. PaidFields, ("return_code", "FAIL")])), "not understood");
        Rejected(Samples.SignedXml(Samples.Ours(("result_code", "SUCCESS"))), "no order");
        Rejected(Samples.SignedXml(Samples.Ours(("result_code", "SUCCESS"), ("change_type", "ADD"), ("contract_code", "C"))), "a signing without its id");
        Rejected("<xml><return_code>SUCCESS</return_code></xml>"u8.ToArray(), "no signature");
        Rejected([], "nothing");
        Rejected("not xml"u8.ToArray(), "not XML");
        Rejected(new byte[WeChatPayCallbacks.MaxBytes + 1], "too large");
    }

    [Fact]
    public void A_genuine_message_of_a_kind_without_use_is_nothing_for_us()
    {
        Read(Samples.SignedXml(Samples.Ours(("result_code", "SUCCESS"), ("change_type", "MOVE"), ("contract_code", "C"))))
            .Should().BeOfType<CallbackReading.NothingForUs>("an unknown change");
        Read(Samples.SignedXml(Samples.Ours(("result_code", "FAIL"), ("change_type", "ADD"), ("contract_code", "C"))))
            .Should().BeOfType<CallbackReading.NothingForUs>("a signing that failed is none");
        Sent($$"""{"mchid":"{{Samples.MchId}}"}""", eventType: "COUPON.USE").Should().Be(new CallbackReading.NothingForUs("event_type COUPON.USE"));
    }

    [Fact]
    public void The_method_of_deductions_is_configured_and_that_of_signing_is_always_md5()
    {
        var hmac = Build(options => options.SignType = WeChatPaySignType.HmacSha256);
        hmac.Read(Samples.Callback(Samples.SignedXml(Samples.Ours(PaidFields), WeChatPaySignType.HmacSha256)), Samples.Now)
            .Should().BeOfType<CallbackReading.OfCharge>();
        hmac.Read(Samples.Callback(Samples.SignedXml(Samples.Ours(PaidFields))), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
        hmac.Read(Samples.Callback(Samples.Bytes("notify-contract-add.xml")), Samples.Now).Should().BeOfType<CallbackReading.OfAgreement>();
    }

    [Fact]
    public void The_first_payment_is_an_ordinary_payment_without_a_state()
    {
        var fields = Samples.Ours([.. PaidFields, ("trade_type", "JSAPI"), ("trade_state", "")]);
        Read(Samples.SignedXml(fields)).Should().BeOfType<CallbackReading.OfCharge>()
            .Which.Answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        fields["trade_type"] = "";
        Read(Samples.SignedXml(fields)).Should().BeOfType<CallbackReading.OfCharge>()
            .Which.Answer.Evidence.Should().Be(Evidence.Hint, "a deduction without a state is only a reason to ask");
    }

    [Fact]
    public void A_refund_that_does_not_open_is_rejected()
    {
        WeChatPayXml.TryRead(Samples.Bytes("notify-refund.xml"), out var fields, out _).Should().BeTrue();
        foreach (var (name, value) in new[]
        {
            ("req_info", "AAAA"), ("req_info", "!"), ("req_info", WeChatPayCipher.EncryptReqInfo("another key", "<root/>"u8)),
            ("req_info", WeChatPayCipher.EncryptReqInfo(Samples.V2Key, "<root><a>1</a></root>"u8)), ("mch_id", "2"), ("appid", "wx2"),
        })
        {
            Rejected(Encoding.UTF8.GetBytes(WeChatPayXml.Write(new Dictionary<string, string>(fields!) { [name] = value })), $"{name} {value}");
        }
    }

    [Theory]
    [InlineData("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc", "a probe")]
    [InlineData("Wechatpay-Signature", "", "no signature")]
    [InlineData("Wechatpay-Serial", "PUB_KEY_ID_0", "an unknown serial")]
    [InlineData("Wechatpay-Nonce", "other", "another nonce")]
    [InlineData("Wechatpay-Timestamp", "1772330403", "another time")]
    [InlineData("Wechatpay-Timestamp", "x", "no time")]
    public void A_v3_callback_with_another_header_is_rejected(string name, string value, string why)
    {
        var (headers, body, now) = V3Vector(0);
        headers[name] = value;
        Callbacks.Read(Samples.Callback(body, headers), now).Should().BeOfType<CallbackReading.Rejected>(why);
    }

    [Theory]
    [InlineData(299, true)]
    [InlineData(300, false)]
    [InlineData(-299, true)]
    [InlineData(-300, false)]
    public void A_v3_callback_is_fresh_for_less_than_300_seconds(int seconds, bool fresh)
    {
        var (headers, body, _) = V3Vector(0);
        var now = Instant.FromUnixTimeSeconds(long.Parse(headers["Wechatpay-Timestamp"]) + seconds);
        (V3Callbacks().Read(Samples.Callback(body, headers), now) is CallbackReading.OfAgreement).Should().Be(fresh);
    }

    [Fact]
    public void A_v3_callback_is_rejected_when_its_tag_or_merchant_is_wrong()
    {
        const string good = $$"""{"mchid":"{{Samples.MchId}}","out_trade_no":"SUB1","trade_state":"PAY_FAIL"}""";
        Sent(good).Should().BeOfType<CallbackReading.OfCharge>("this test's own sender is right");
        Sent(good, key: "ffffffffffffffffffffffffffffffff").Should().BeOfType<CallbackReading.Rejected>("the tag is of another key");
        Sent(good, associatedData: "other").Should().BeOfType<CallbackReading.Rejected>("the tag covers other data");
        Sent(good.Replace(Samples.MchId, "2"), eventType: "COUPON.USE").Should().BeOfType<CallbackReading.Rejected>("no use, and another merchant's");
        Sent(good, algorithm: "AEAD_SM4_GCM").Should().BeOfType<CallbackReading.Rejected>("another algorithm");
        Sent(good.Replace(Samples.MchId, "2")).Should().BeOfType<CallbackReading.Rejected>("another merchant");
        Sent(good.Replace("SUB1", "")).Should().BeOfType<CallbackReading.Rejected>("no order");
        Sent(good[..^1] + ",\"appid\":\"wx2\"}").Should().BeOfType<CallbackReading.Rejected>("another app");
        Sent(good.Replace("SUB1", "\\ud800")).Should().BeOfType<CallbackReading.Rejected>("half a character");
        Sent("[]").Should().BeOfType<CallbackReading.Rejected>("no object");
        Sent("not json").Should().BeOfType<CallbackReading.Rejected>("not JSON");
    }

    [Fact]
    public void Answers_are_in_the_form_of_the_message()
    {
        var v3 = Samples.Callback("{}"u8.ToArray());
        WeChatPayCallbacks.ReplyTo(v3, true, "").Should().Be(new CallbackReply(200, "application/json", """{"code":"SUCCESS","message":"成功"}"""));
        WeChatPayCallbacks.ReplyTo(v3, false, "later").Should().Be(new CallbackReply(500, "application/json", """{"code":"FAIL","message":"later"}"""));
        WeChatPayCallbacks.ReplyTo(Samples.Callback("<xml/>"u8.ToArray()), true, "").Status.Should().Be(200);
    }

    private static WeChatPayCallbacks Build(Action<WeChatPayOptions>? change = null)
    {
        var options = Samples.Options(change);
        return new(options, WeChatPayPlatformKeys.Of(options));
    }

    private static WeChatPayCallbacks V3Callbacks() => Build(options => options.AppId = "wxd678efh567hg6787");

    private static CallbackReading Read(byte[] body) => Callbacks.Read(Samples.Callback(body), Samples.Now);

    private static void Rejected(byte[] body, string why) => Read(body).Should().BeOfType<CallbackReading.Rejected>(why);

    private static (Dictionary<string, string> Headers, byte[] Body, Instant Now) V3Vector(int index)
    {
        var test = Samples.Vector("v3-notify.json").GetProperty("cases")[index];
        var now = Instant.FromUnixTimeSeconds(test.GetProperty("clock_for_test").GetInt64());
        return (test.Map("headers"), Encoding.UTF8.GetBytes(test.Text("body")), now);
    }

    /// <summary>A callback as the rail would send it, with the vectors' platform TEST KEY.</summary>
    private static CallbackReading Sent(
        string resource, string eventType = "TRANSACTION.FAIL", string key = Samples.V3Key, string associatedData = "transaction",
        string algorithm = WeChatPayCipher.AeadAlgorithm)
    {
        var ciphertext = WeChatPayCipher.EncryptAead(key, "0123456789ab", "transaction", Encoding.UTF8.GetBytes(resource));
        var body = Encoding.UTF8.GetBytes(
            $$"""
            {"id":"EV-1","event_type":"{{eventType}}","resource":{"original_type":"transaction","algorithm":"{{algorithm}}",
             "ciphertext":"{{ciphertext}}","associated_data":"{{associatedData}}","nonce":"0123456789ab"} }
            """);
        using var privateKey = RSA.Create();
        privateKey.ImportFromPem(Samples.Vector("v3-notify.json").Text("platform_private_key_pem_TEST_ONLY"));
        var headers = WeChatPaySignedHeaders.Sign(privateKey, Samples.PlatformSerial, Samples.Now.ToUnixTimeSeconds().ToString(), "n", body);
        return Callbacks.Read(Samples.Callback(body, headers.ToDictionary()), Samples.Now);
    }
}
