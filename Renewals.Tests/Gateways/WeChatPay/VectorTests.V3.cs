using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

public sealed partial class VectorTests
{
    private static readonly Dictionary<string, Action<CallbackReading>> Readings = new()
    {
        ["dev-n3-01"] = reading => reading.Should().Be(new CallbackReading.OfAgreement("wxwtdk20260301100000", new AgreementAnswer.Active(
            "202603010000000001", "o-MYE42l80oelYMDE34nYD456Xoy", Instant.FromUtc(2026, 3, 1, 2, 0), Instant.FromUtc(2036, 3, 1, 2, 0)))),
        ["dev-n3-02"] = reading => reading.Should().Be(new CallbackReading.OfAgreement(
            "wxwtdk20260301100000", new AgreementAnswer.Terminated(TerminationMode.Member, Instant.FromUtc(2026, 3, 11, 13, 14, 5)))),
        ["dev-n3-03"] = reading => reading.Should().Be(new CallbackReading.OfCharge("SUB202603310001", new ChargeAnswer(
            new ChargeOutcome.Succeeded(Money.Cny(1500), "4200002026033112345678901234", Instant.FromUtc(2026, 3, 31, 1, 2, 11))))),
        ["dev-n3-04"] = reading => reading.Should().Be(new CallbackReading.OfCharge("SUB202603310002", new ChargeAnswer(
            new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "PAY_FAIL"), Evidence.Hint))),
        ["dev-n3-05"] = reading => reading.Should().Be(new CallbackReading.OfRefund("SUB202603310001", "R202604010001",
            new RefundAnswer.Refunded(Money.Cny(500), "50300207182026040100011301001", Instant.FromUtc(2026, 4, 1, 2, 34, 56)))),
    };

    private static int RunV3Callbacks(string file)
    {
        var vector = Samples.Vector(file);
        var options = Samples.Options(o => o.AppId = "wxd678efh567hg6787");
        var keys = WeChatPayPlatformKeys.Of(options);
        var callbacks = new WeChatPayCallbacks(options, keys);
        using var publicKey = Key(vector.Text("platform_public_key_pem"));
        using var privateKey = Key(vector.Text("platform_private_key_pem_TEST_ONLY"));
        return ForEachCase(file, "cases", test =>
        {
            var (headers, body) = (test.Map("headers"), Encoding.UTF8.GetBytes(test.Text("body")));
            var now = Instant.FromUnixTimeSeconds(test.GetProperty("clock_for_test").GetInt64());
            var signed = WeChatPaySignedHeaders.TryRead(name => headers[name])!;
            keys.WhyNot(signed, body, now).Should().BeNull();
            WeChatPaySignedHeaders.Sign(privateKey, signed.Serial, signed.Timestamp, signed.Nonce, body).Should().Be(signed);
            FlipsWithEveryByte(publicKey, WeChatPayV3Signer.ResponseMessage(signed.Timestamp, signed.Nonce, body), signed.Signature);

            var resource = JsonDocument.Parse(body).RootElement.GetProperty("resource");
            var (nonce, data) = (resource.Text("nonce"), resource.Text("associated_data"));
            var plain = WeChatPayCipher.TryDecryptAead(vector.Text("api_v3_key"), nonce, data, resource.Text("ciphertext"))!;
            Encoding.UTF8.GetString(plain).Should().Be(test.Text("resource_plaintext"));
            WeChatPayCipher.EncryptAead(vector.Text("api_v3_key"), nonce, data, plain).Should().Be(resource.Text("ciphertext"));
            test.Text("expect").Should().Be("ACCEPT");
            Readings[test.Text("id")](callbacks.Read(Samples.Callback(body, headers), now));
        });
    }

    private static int RunCertificates(string file)
    {
        var test = Samples.Vector(file);
        var headers = WeChatPaySignedHeaders.TryRead(name => test.Map("headers")[name])!;
        var body = Encoding.UTF8.GetBytes(test.Text("body"));
        var now = Instant.FromUnixTimeSeconds(long.Parse(headers.Timestamp));
        var key = WeChatPayPlatformKeys.Decrypt(body, test.Text("api_v3_key"))!.Should().ContainSingle().Subject;
        var certificate = WeChatPayPlatformKey.TryFromCertificate(test.Text("certificate_pem"))!;
        (key with { PublicKey = default }).Should().Be(certificate with { PublicKey = default });
        key.PublicKey.ToArray().Should().Equal(certificate.PublicKey.ToArray());

        var keys = new WeChatPayPlatformKeys([]);
        keys.Take(headers, body.Select(b => b == (byte)'2' ? (byte)'3' : b).ToArray(), test.Text("api_v3_key"), now).Should().NotBeNull();
        keys.Take(headers with { Nonce = "other" }, body, test.Text("api_v3_key"), now).Should().Be("the signature is wrong");
        keys.Take(headers, body, "ffffffffffffffffffffffffffffffff", now).Should().NotBeNull();
        keys.Count.Should().Be(0, "nothing of a refused download is kept");
        keys.Take(headers, body, test.Text("api_v3_key"), now).Should().BeNull();
        keys.Knows(Samples.PlatformSerial).Should().BeTrue();
        return 1;
    }

    private static int RunEmptyAnswer(string file)
    {
        var test = Samples.Vector(file);
        var headers = WeChatPaySignedHeaders.TryRead(name => test.Map("headers")[name])!;
        var message = WeChatPayV3Signer.ResponseMessage(headers.Timestamp, headers.Nonce, []);
        Encoding.UTF8.GetString(message).Should().Be(test.Text("message"));
        WeChatPayPlatformKeys.Of(Samples.Options()).WhyNot(headers, [], Instant.FromUnixTimeSeconds(long.Parse(headers.Timestamp))).Should().BeNull();
        using var key = Key(Samples.Vector(test.Text("platform_public_key_file")).Text("platform_public_key_pem"));
        FlipsWithEveryByte(key, message, headers.Signature);
        return 1;
    }

    private static int RunBill(string file)
    {
        var answer = WeChatPayStatement.Read(Samples.Bytes(file), Samples.MchId, 1 << 20);
        var lines = answer.Should().BeOfType<StatementAnswer.Ready>().Subject.Lines;
        lines.Should().Equal(file == "bill-not-exist.xml" ? [] : new[]
        {
            new StatementLine("SUB202603010001", null, Money.Cny(1500), "4200002026030312345678901234", Instant.FromUtc(2026, 3, 3, 0, 5, 12)) { Payer = "onqOjjmM1tad-3ROpncN-yUfa6ua" },
            new StatementLine("SUB202603010001", "R202603050001", Money.Cny(500), "4200002026030312345678901234", Instant.FromUtc(2026, 3, 3, 3, 2, 17)),
        });
        return 1;
    }

    private static int RunBillIndex(string file) => ForEachCase(file, "files", test =>
    {
        RunBill(test.Text("file"));
        var lines = ((StatementAnswer.Ready)WeChatPayStatement.Read(Samples.Bytes(test.Text("file")), Samples.MchId, 1 << 20)).Lines;
        if (!test.TryGetProperty("detail_rows", out var rows))
            return;
        lines.Should().HaveCount(rows.GetInt32());
        var totals = test.GetProperty("totals");
        lines.Where(line => line.RefundNumber is null).Sum(line => line.Amount.MinorUnits)
            .Should().Be(WeChatPayStatement.Fen(totals.Text("order_total")));
        lines.Where(line => line.RefundNumber is not null).Sum(line => line.Amount.MinorUnits)
            .Should().Be(WeChatPayStatement.Fen(totals.Text("requested_refund_total")));
    });
}
