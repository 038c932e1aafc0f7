using System.Text;
using CsCheck;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

public sealed class CallbackTests
{
    private static readonly AlipayCallbacks Callbacks = new(Samples.Options(), Samples.PlatformKeys);

    [Fact]
    public void A_payment_is_read() => Read(PaidFields()).Should().Be(new CallbackReading.OfCharge(
        Samples.Number.ToString(), new(new ChargeOutcome.Succeeded(Money.Cny(1990), Samples.TradeNo, Instant.FromUtc(2025, 7, 1, 0, 0, 2)))));

    [Theory]
    [InlineData("refund_fee", "5.00")]
    [InlineData("gmt_refund", "2025-07-02 09:00:00.321")]
    [InlineData("out_biz_no", "RF1")]
    public void A_refund_that_says_TRADE_SUCCESS_is_no_payment(string name, string value)
    {
        var fields = PaidFields();
        fields[name] = value;
        Read(fields).Should().BeOfType<CallbackReading.OfRefund>().Which.Answer.Should().BeOfType<RefundAnswer.Pending>("the sum is of all refunds");
    }

    [Fact]
    public void A_full_refund_that_closes_the_order_is_no_decline()
    {
        var fields = PaidFields();
        (fields["trade_status"], fields["refund_fee"], fields["out_biz_no"]) = ("TRADE_CLOSED", "19.90", Samples.Refund.Number.ToString());
        var refund = Read(fields).Should().BeOfType<CallbackReading.OfRefund>().Subject;
        (refund.OrderNumber, refund.RefundNumber).Should().Be((Samples.Number.ToString(), Samples.Refund.Number.ToString()));
    }

    [Fact]
    public void No_refund_is_seen_where_nothing_was_given_back()
    {
        var fields = PaidFields();
        (fields["refund_fee"], fields["gmt_refund"]) = ("0.00", "");
        Read(fields).Should().BeOfType<CallbackReading.OfCharge>().Which.Answer.Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
    }

    [Fact]
    public void An_unpaid_order_that_closed_is_a_reason_to_ask()
    {
        var fields = PaidFields();
        fields["trade_status"] = "TRADE_CLOSED";
        Charge(fields).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("it has a time of payment");
        fields.Remove("gmt_payment");
        Charge(fields).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "TRADE_CLOSED"), Evidence.Hint));
        fields["trade_status"] = "WAIT_BUYER_PAY";
        Charge(fields).Evidence.Should().Be(Evidence.Hint);
        fields["trade_status"] = "TRADE_SUCCESS";
        Charge(fields).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("a payment without its time");
    }

    [Fact]
    public void A_signing_carries_the_rails_next_date_and_an_ending_its_time()
    {
        var signed = AgreementFields("dut_user_sign", ("status", "NORMAL"), ("sign_time", "2025-06-01 10:02:00"),
            ("invalid_time", "2115-02-01 00:00:00"), ("next_deduct_time", "2025-07-06"), ("alipay_open_id", "op"));
        Read(signed).Should().Be(new CallbackReading.OfAgreement(Samples.Agreement.SigningCode, new AgreementAnswer.Active(
            Samples.AgreementNo, "op", Instant.FromUtc(2025, 6, 1, 2, 2), Instant.FromUtc(2115, 1, 31, 16, 0), new LocalDate(2025, 7, 6))));
        signed["status"] = "TEMP";
        Read(signed).Should().BeOfType<CallbackReading.NothingForUs>("its state is asked for by our duties");
        (signed["status"], signed["sign_time"]) = ("NORMAL", "");
        Read(signed).Should().BeOfType<CallbackReading.Rejected>("a signing without its time is delivered again");

        var ended = AgreementFields("dut_user_unsign", ("status", "UNSIGN"), ("unsign_time", "2025-06-30 22:10:35"));
        Read(ended).Should().Be(new CallbackReading.OfAgreement(
            Samples.Agreement.SigningCode, new AgreementAnswer.Terminated(TerminationMode.Unstated, Instant.FromUtc(2025, 6, 30, 14, 10, 35))));
        ended.Remove("external_agreement_no");
        Read(ended).Should().BeOfType<CallbackReading.NothingForUs>("it was signed elsewhere");
    }

    [Theory]
    [InlineData("app_id", "2021000000000102", "another app")]
    [InlineData("auth_app_id", "2021000000000102", "another merchant's app")]
    [InlineData("seller_id", "2088000000000102", "another seller")]
    [InlineData("seller_id", "", "no seller")]
    [InlineData("sign_type", "RSA", "a method that was not configured")]
    [InlineData("sign_type", "", "no method")]
    [InlineData("notify_time", "", "no time")]
    [InlineData("notify_time", "yesterday", "no time")]
    [InlineData("notify_time", "2025-06-30 05:59:59", "older than 26 hours")]
    [InlineData("notify_time", "2025-07-01 08:10:01", "ahead of its time")]
    [InlineData("out_trade_no", "", "no order")]
    public void A_genuine_notification_that_is_not_for_us_or_not_of_now_is_rejected(string name, string value, string why)
    {
        var fields = PaidFields();
        fields[name] = value;
        Read(fields).Should().BeOfType<CallbackReading.Rejected>(why);
    }

    [Theory]
    [InlineData("2025-06-30 06:00:00")]
    [InlineData("2025-07-01 08:10:00")]
    public void A_notification_is_fresh_for_as_long_as_the_rail_delivers_it(string time)
    {
        var fields = PaidFields();
        fields["notify_time"] = time;
        Read(fields).Should().BeOfType<CallbackReading.OfCharge>();
    }

    [Fact]
    public void A_third_partys_notification_names_the_merchants_own_app()
    {
        var options = Samples.Options(o => (o.AppAuthToken, o.AuthAppId) = ("t", "2021000000000109"));
        var fields = PaidFields();
        fields["auth_app_id"] = "2021000000000109";
        new AlipayCallbacks(options, Samples.PlatformKeys).Read(Samples.Notification(fields), Samples.Now)
            .Should().BeOfType<CallbackReading.OfCharge>();
    }

    [Fact]
    public void Every_variant_of_the_signature_is_taken_and_none_without_the_rails_key()
    {
        var fields = PaidFields();
        fields["body"] = "";
        string[] texts =
        [
            AlipaySigner.Join(fields.Where(field => field.Key != "sign_type")), AlipaySigner.Join(fields),
            AlipaySigner.Join(fields.Where(field => field.Key != "sign_type" && field.Value.Length > 0)),
            AlipaySigner.Join(fields.Where(field => field.Value.Length > 0)),
        ];
        texts.Should().OnlyHaveUniqueItems();
        foreach (var text in texts)
        {
            Sent(text, Samples.RailKey).Should().BeOfType<CallbackReading.OfCharge>();
            Sent(text, Samples.AppKey).Should().BeOfType<CallbackReading.Rejected>("our own key is not the rail's");
        }

        fields.Remove("sign");
        Callbacks.Read(Samples.Callback(Samples.Form(fields, AlipayWire.Utf8)), Samples.Now)
            .Should().BeOfType<CallbackReading.Rejected>("it is not signed");

        CallbackReading Sent(string text, AlipayKey key)
        {
            fields["sign"] = key.Sign(text, AlipayWire.Utf8);
            var form = Samples.Form(fields, AlipayWire.Utf8);
            fields.Remove("sign");
            return Callbacks.Read(Samples.Callback(form), Samples.Now);
        }
    }

    [Fact]
    public void A_notification_in_GBK_is_read_in_GBK()
    {
        var fields = PaidFields();
        fields["charset"] = "GBK";
        Callbacks.Read(Samples.Notification(fields, AlipayWire.Gbk), Samples.Now).Should().BeOfType<CallbackReading.OfCharge>();
        fields["charset"] = "UTF-8";
        Callbacks.Read(Samples.Notification(fields, AlipayWire.Gbk), Samples.Now)
            .Should().BeOfType<CallbackReading.Rejected>("its bytes are no UTF-8");
    }

    [Fact]
    public void A_genuine_message_of_another_kind_is_nothing_for_us_and_a_forged_one_is_not_believed()
    {
        var fields = PaidFields();
        fields["notify_type"] = "servicemarket_order_notify";
        Read(fields).Should().Be(new CallbackReading.NothingForUs("notify_type servicemarket_order_notify"));
        fields["app_id"] = "2021000000000102";
        Read(fields).Should().BeOfType<CallbackReading.Rejected>("what is not for us is not acknowledged");
    }

    [Fact]
    public void A_body_that_is_too_large_or_no_form_is_rejected()
    {
        Callbacks.Read(Samples.Callback(new byte[AlipayCallbacks.MaxBytes + 1]), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
        Callbacks.Read(Samples.Callback("{}"u8.ToArray()), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
        Callbacks.Read(Samples.Callback([]), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
    }

    [Fact]
    public void The_rail_hears_success_in_seven_letters_or_something_else()
    {
        AlipayCallbacks.ReplyTo(true, "").Should().Be(new CallbackReply(200, "text/plain", "success"));
        AlipayCallbacks.ReplyTo(false, "busy").Body.Should().NotBe("success");
    }

    /// <summary>One bit of the body, anywhere. A change that decodes to the same fields (the case of an escape) is none.</summary>
    [Fact]
    public void A_thousand_changes_of_one_bit_are_all_rejected()
    {
        var bodies = Genuine().Select(callback => callback.Body.ToArray()).ToList();
        var changed = 0;
        Gen.Select(Gen.Int[0, bodies.Count - 1], Gen.Int[0, int.MaxValue / 2], Gen.Int[0, 7]).Sample(
            (which, at, bit) =>
            {
                var body = bodies[which].ToArray();
                body[at % body.Length] ^= (byte)(1 << bit);
                if (IsSameForm(body, bodies[which]))
                    return true;
                Interlocked.Increment(ref changed);
                return Callbacks.Read(Samples.Callback(body), Samples.Now) is CallbackReading.Rejected;
            },
            iter: 1_100, seed: "0N0XIzNsQ0O2");
        changed.Should().BeGreaterThanOrEqualTo(1_000);
    }

    [Fact]
    public void A_thousand_changes_of_one_field_are_all_rejected() => FieldMutations.AreAllRejected(
        Genuine().Select(callback => AlipayWire.TryReadForm(callback.Body.Span)!.Value.Fields).ToList(), 3,
        fields => Callbacks.Read(Samples.Callback(Samples.Form(fields, AlipayWire.Utf8)), Samples.Now));

    /// <summary>A genuine payment's fields.</summary>
    internal static Dictionary<string, string> PaidFields() => new()
    {
        ["charset"] = "UTF-8",
        ["version"] = "1.0",
        ["sign_type"] = "RSA2",
        ["app_id"] = Samples.AppId,
        ["auth_app_id"] = Samples.AppId,
        ["notify_time"] = "2025-07-01 08:00:00",
        ["notify_type"] = "trade_status_sync",
        ["notify_id"] = "2025070100222080004000000000000101",
        ["trade_no"] = Samples.TradeNo,
        ["out_trade_no"] = Samples.Number.ToString(),
        ["seller_id"] = Samples.SellerId,
        ["trade_status"] = "TRADE_SUCCESS",
        ["total_amount"] = "19.90",
        ["subject"] = "100%会员 A+B & C=D",
        ["gmt_payment"] = "2025-07-01 08:00:02",
        ["passback_params"] = "sub%3D101%26period%3D2",
    };

    private static Dictionary<string, string> AgreementFields(string type, params (string Name, string Value)[] more)
    {
        var fields = PaidFields();
        string[] others = ["trade_no", "out_trade_no", "seller_id", "trade_status", "total_amount", "subject", "gmt_payment", "passback_params"];
        foreach (var name in others)
            fields.Remove(name);
        (fields["notify_type"], fields["agreement_no"], fields["external_agreement_no"]) = (type, Samples.AgreementNo, Samples.Agreement.SigningCode);
        foreach (var (name, value) in more)
            fields[name] = value;
        return fields;
    }

    private static IEnumerable<Callback> Genuine() =>
    [
        Samples.Notification(PaidFields()),
        Samples.Notification(AgreementFields("dut_user_sign", ("status", "NORMAL"), ("sign_time", "2025-06-01 10:02:00"))),
        Samples.Notification(AgreementFields("dut_user_unsign", ("status", "UNSIGN"), ("unsign_time", "2025-06-30 22:10:35"))),
    ];

    private static bool IsSameForm(byte[] one, byte[] other) => AlipayWire.TryReadForm(one) is var (fields, encoding)
        && AlipayWire.TryReadForm(other) is var (expected, same)
        && encoding.Equals(same) && fields.Count == expected.Count && !fields.Except(expected).Any();

    private static CallbackReading Read(Dictionary<string, string> fields) => Callbacks.Read(Samples.Notification(fields), Samples.Now);

    private static ChargeAnswer Charge(Dictionary<string, string> fields) => Read(fields).Should().BeOfType<CallbackReading.OfCharge>().Which.Answer;
}
