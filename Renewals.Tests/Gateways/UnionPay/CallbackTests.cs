using System.Security.Cryptography;
using System.Text;
using CsCheck;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed class CallbackTests
{
    private static readonly UnionPayCallbacks Callbacks = With();

    [Fact]
    public void A_collection_is_read_and_is_only_a_reason_to_ask()
    {
        var answer = new ChargeAnswer(new ChargeOutcome.Succeeded(Money.Cny(1990), Samples.QueryId, UnionPayText.Time("20260305101532")!.Value), Evidence.Hint);
        Read(Paid()).Should().Be(new CallbackReading.OfCharge(Samples.Number.ToString(), answer));
        Read(Paid(("respCode", "A6"))).Should().Be(new CallbackReading.OfCharge(Samples.Number.ToString(), answer));
        Charge(Paid(("respCode", "64"))).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "64"), Evidence.Hint));
        foreach (var code in new[] { "03", "05", "12", "32", "74", "Z9" })
            Charge(Paid(("respCode", code))).Should().BeEquivalentTo(new { Evidence = Evidence.Hint }, code);
        Charge(Paid(("queryId", null))).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("it names no payment");
    }

    [Theory]
    [InlineData("04")]
    [InlineData("31")]
    public void A_refund_or_void_is_a_reason_to_ask_for_it(string type)
    {
        var back = Samples.Refund.Number.ToString();
        Read(Paid(("txnType", type), ("orderId", back))).Should().Be(new CallbackReading.OfRefund(back, back, new RefundAnswer.Pending("notified: 00")));
    }

    [Fact]
    public void A_signing_is_read_by_its_code()
    {
        var (code, active) = (Samples.Agreement.SigningCode, new AgreementAnswer.Active(Samples.Agreement.SigningCode, null, Samples.Now, UnionPayText.Time("20360305101530")));
        Read(Signed()).Should().Be(new CallbackReading.OfAgreement(code, active));
        Read(Signed(("billNo", null))).Should().Be(new CallbackReading.OfAgreement(code, active), "the code stands for it");
        Agreement(Signed(("payCardType", "01"))).Should().Be(active);
        Agreement(Signed(("payCardType", "02"))).Should().BeOfType<AgreementAnswer.Unknown>("its entrust is removed when it is asked for");
        Agreement(Signed(("respCode", "66"))).Should().BeOfType<AgreementAnswer.Unknown>();
    }

    [Fact]
    public void A_genuine_message_of_another_kind_is_acknowledged_and_names_no_order() =>
        Read(Signed(("txnType", "74"))).Should().BeOfType<CallbackReading.OfCharge>().Which.OrderNumber.Should().BeEmpty();

    [Theory]
    [InlineData("merId", "700000000000002", "another merchant")]
    [InlineData("merId", null, "no merchant")]
    [InlineData("version", "5.0.0", "a version that was not configured")]
    [InlineData("signMethod", "11", "a method that was not configured")]
    [InlineData("encoding", "GBK", "a character set that was not configured")]
    [InlineData("orderId", null, "no order")]
    [InlineData("respCode", null, "no result")]
    [InlineData("txnTime", null, "no time")]
    [InlineData("txnTime", "20260230101530", "no day of the calendar")]
    [InlineData("txnTime", "20260305102531", "ahead of its time")]
    [InlineData("txnAmt", null, "no amount")]
    [InlineData("txnAmt", "0", "no amount")]
    [InlineData("txnAmt", "19.90", "no fen")]
    [InlineData("txnAmt", "-1990", "no fen")]
    [InlineData("txnAmt", "+1990", "no fen")]
    [InlineData("txnAmt", "1990000000000", "too many digits")]
    [InlineData("txnAmt", "１９９０", "digits of another script")]
    [InlineData("currencyCode", "840", "dollars")]
    [InlineData("currencyCode", null, "no currency")]
    public void A_genuine_notification_that_is_not_for_us_or_makes_no_sense_is_rejected(string name, string? value, string why) =>
        Read(Paid((name, value))).Should().BeOfType<CallbackReading.Rejected>(why);

    [Fact]
    public void Another_merchant_of_the_same_authority_signs_nothing()
    {
        var fields = Paid();
        fields["signPubKeyCert"] = Samples.Text("certs/merchant_sign.cer").Trim().ReplaceLineEndings("\r\n");
        fields["signature"] = UnionPayMerchantKey.TryLoad(Samples.Bytes("certs/merchant_sign.pfx"), "000000")!
            .Use(key => UnionPaySigner.SignRsa(fields, key, UnionPaySigner.Version510, Samples.Utf8));
        Callbacks.Read(Post(fields), Samples.Now).Should().Be(new CallbackReading.Rejected("the certificate is not the platform's"));
    }

    [Fact]
    public void A_certificate_out_of_its_time_or_of_another_chain_signs_nothing()
    {
        var genuine = Post(Samples.SignedByPlatform(Paid()));
        Callbacks.Read(genuine, Instant.FromUtc(2060, 1, 1, 0, 0)).Should().BeOfType<CallbackReading.Rejected>();
        Callbacks.Read(genuine, Instant.FromUtc(2020, 1, 1, 0, 0)).Should().BeOfType<CallbackReading.Rejected>();
        var otherChain = With(o => (o.MiddleCertificatePem, o.RootCertificatePem) = (o.RootCertificatePem, o.RootCertificatePem));
        otherChain.Read(genuine, Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
    }

    [Theory]
    [InlineData(UnionPaySignMethod.Sha256)]
    [InlineData(UnionPaySignMethod.Sm3)]
    public void A_shared_key_proves_a_notification_and_an_empty_one_proves_none(UnionPaySignMethod method)
    {
        var options = Samples.Options(o => Samples.WithSecureKey(o, method));
        var fields = Paid(("signMethod", method.WireName()));
        var callbacks = new UnionPayCallbacks(options, new(options));
        callbacks.Read(Post(Samples.SignedByPlatform(fields, options)), Samples.Now).Should().BeOfType<CallbackReading.OfCharge>();
        var emptyHash = UnionPaySigner.Hash([], method);
        var forged = new Dictionary<string, string>(fields)
        {
            ["signature"] = UnionPaySigner.Hash(Encoding.UTF8.GetBytes($"{UnionPaySigner.StringToSign(fields)}&{emptyHash}"), method),
        };
        callbacks.Read(Post(forged), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
        Callbacks.Read(Post(forged), Samples.Now).Should().BeOfType<CallbackReading.Rejected>("the message does not choose its method");
    }

    [Fact]
    public void The_older_version_is_proved_by_a_certificate_that_is_held()
    {
        var options = Samples.Options(Samples.WithVersion500);
        var fields = Samples.SignedByPlatform(Paid(("version", "5.0.0")), options);
        new UnionPayCallbacks(options, new(options)).Read(Post(fields), Samples.Now).Should().BeOfType<CallbackReading.OfCharge>();
        var without = Samples.Options(o => o.Version = UnionPaySigner.Version500);
        new UnionPayCallbacks(without, new(without)).Read(Post(fields), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
        Callbacks.Read(Post(fields), Samples.Now).Should().BeOfType<CallbackReading.Rejected>("the message does not choose its version");
    }

    [Fact]
    public void A_body_that_is_too_large_or_no_form_or_names_a_field_twice_is_rejected()
    {
        byte[] genuine = Post(Samples.SignedByPlatform(Paid())).Body.ToArray();
        byte[][] bodies = [new byte[UnionPayCallbacks.MaxBytes + 1], "{}"u8.ToArray(), [], [.. genuine, .. "&txnAmt=1990"u8], [.. genuine, (byte)'&'], [.. genuine, .. "&x=%8"u8]];
        foreach (var body in bodies)
            Callbacks.Read(new Callback(new Dictionary<string, string>(), body), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
    }

    [Fact]
    public void The_rail_hears_by_the_status_alone()
    {
        UnionPayCallbacks.ReplyTo(true, "").Status.Should().Be(200);
        UnionPayCallbacks.ReplyTo(false, "busy").Should().Be(new CallbackReply(500, "text/plain", "busy"));
    }

    /// <summary>One bit of the body, anywhere. A change that decodes to the same fields (the case of an escape) is none.</summary>
    [Fact]
    public void A_thousand_changes_of_one_bit_are_all_rejected()
    {
        var bodies = Genuine().Select(fields => Post(fields).Body.ToArray()).ToList();
        var changed = 0;
        Gen.Select(Gen.Int[0, bodies.Count - 1], Gen.Int[0, int.MaxValue / 2], Gen.Int[0, 7]).Sample(
            (which, at, bit) =>
            {
                var body = bodies[which].ToArray();
                body[at % body.Length] ^= (byte)(1 << bit);
                if (IsSameForm(body, bodies[which]))
                    return true;
                Interlocked.Increment(ref changed);
                return Callbacks.Read(new Callback(new Dictionary<string, string>(), body), Samples.Now) is CallbackReading.Rejected;
            },
            iter: 1_100, seed: "0N0XIzNsQ0O2");
        changed.Should().BeGreaterThanOrEqualTo(1_000);
    }

    /// <summary>What a stranger sends as a certificate is read by libraries, some of it late: none of them is let down by any bit.</summary>
    [Fact]
    public void A_certificate_with_any_bit_changed_is_rejected_and_nothing_breaks()
    {
        var fields = Genuine().First(fields => fields.ContainsKey("signPubKeyCert"));
        var der = PemDer(fields["signPubKeyCert"]);
        Parallel.For(0, der.Length * 8, at =>
        {
            var changed = der.ToArray();
            changed[at / 8] ^= (byte)(1 << (at % 8));
            var forged = new Dictionary<string, string>(fields) { ["signPubKeyCert"] = PemEncoding.WriteString("CERTIFICATE", changed) };
            Callbacks.Read(Post(forged), Samples.Now).Should().BeOfType<CallbackReading.Rejected>();
        });
        der.Length.Should().BeGreaterThan(500);

        static byte[] PemDer(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
    }

    [Fact]
    public void A_thousand_changes_of_one_field_are_all_rejected() => FieldMutations.AreAllRejected(
        Genuine().ToList(), 3, fields => Callbacks.Read(Post(fields), Samples.Now));

    private static Dictionary<string, string> Paid(params (string Name, string? Value)[] more) => Samples.Ours(
        [("txnType", "11"), ("txnSubType", "03"), ("bizType", "000000"), ("orderId", Samples.Number.ToString()), ("txnTime", "20260305101530"),
            ("respCode", "00"), ("respMsg", "成功 a+b & c=d"), .. Samples.PaymentData, .. more]);

    private static Dictionary<string, string> Signed(params (string Name, string? Value)[] more) => Samples.Ours(
        [("txnType", "72"), ("txnSubType", "16"), ("bizType", "000000"), ("orderId", Samples.Agreement.SigningCode), ("txnTime", "20260305101530"),
            ("respCode", "00"), ("billType", "01"), ("billNo", Samples.Agreement.SigningCode), .. more]);

    private static IEnumerable<Dictionary<string, string>> Genuine() =>
        new[] { Paid(), Signed(), Paid(("txnType", "04"), ("orderId", Samples.Refund.Number.ToString())) }.Select(fields => Samples.SignedByPlatform(fields));

    private static bool IsSameForm(byte[] one, byte[] other) =>
        UnionPayWire.TryReadForm(one, Samples.Utf8, out var fields, out _) && UnionPayWire.TryReadForm(other, Samples.Utf8, out var expected, out _)
        && fields.Count == expected.Count && !fields.Except(expected).Any();

    private static UnionPayCallbacks With(Action<UnionPayOptions>? change = null)
    {
        var options = Samples.Options(change);
        return new(options, new(options));
    }

    private static Callback Post(Dictionary<string, string> fields) => new(new Dictionary<string, string>(), UnionPayWire.WriteForm(fields, Samples.Utf8));

    private static CallbackReading Read(Dictionary<string, string> fields) => Callbacks.Read(Post(Samples.SignedByPlatform(fields)), Samples.Now);

    private static ChargeAnswer Charge(Dictionary<string, string> fields) => Read(fields).Should().BeOfType<CallbackReading.OfCharge>().Which.Answer;

    private static AgreementAnswer Agreement(Dictionary<string, string> fields) => Read(fields).Should().BeOfType<CallbackReading.OfAgreement>().Which.Answer;
}
