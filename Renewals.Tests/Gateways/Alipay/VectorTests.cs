using System.Text.Json;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;
using Xunit.Abstractions;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>Every document of the vector folder is run, counted and printed; a file without a runner here fails.</summary>
public sealed partial class VectorTests(ITestOutputHelper output)
{
    /// <summary>What runs a file and how many cases it must have run.</summary>
    private static readonly Dictionary<string, (Func<string, int> Run, int Cases)> Runners = new()
    {
        ["aes-encryption.json"] = (RunCiphers, 3),
        ["bill-trade.json"] = (RunStatement, 4),
        ["certificates.json"] = (RunCertificates, 13),
        ["keys.json"] = (RunKeys, 6),
        ["notifications.json"] = (RunNotifications, 8),
        ["period-windows.json"] = (RunPlans, 41),
        ["request-signing.json"] = (RunRequests, 13),
        ["response-verification.json"] = (RunAnswers, 24),
        ["trade-pay-error-codes.json"] = (RunCodes, 95),
        ["v3-rest.json"] = (RunV3, 8),
    };

    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(Samples.Folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_the_file_holds(string file)
    {
        Runners.Should().ContainKey(file, "a vector without a test proves nothing");
        var (run, cases) = Runners[file];
        var ran = run(file);
        output.WriteLine($"{file}: {ran} of {cases} cases");
        ran.Should().Be(cases);
    }

    [Fact]
    public void Every_runner_has_its_file() =>
        Runners.Keys.Should().BeEquivalentTo(Directory.GetFiles(Samples.Folder).Select(Path.GetFileName));

    private static int RunKeys(string file)
    {
        var sides = new[] { "app", "alipay" };
        foreach (var side in sides)
        {
            var publicKey = AlipayKey.TryPublic(Samples.Key(side, "public_spki_base64"))!;
            foreach (var form in new[] { "private_pkcs1_base64", "private_pkcs8_base64" })
            {
                var privateKey = AlipayKey.TryPrivate(Samples.Key(side, form))!;
                publicKey.Verify("a", privateKey.Sign("a", AlipayWire.Utf8), AlipayWire.Utf8).Should().BeTrue();
                publicKey.Verify("b", privateKey.Sign("a", AlipayWire.Utf8), AlipayWire.Utf8).Should().BeFalse();
            }
        }

        AlipayCipher.IsKey(Samples.Vector(file).Text("aes_key_base64")).Should().BeTrue();
        return sides.Length * 3;
    }

    private static int RunCiphers(string file)
    {
        var key = Samples.Vector(file).Text("aes_key_base64");
        return ForEach(Samples.Vector(file).GetProperty("cases"), test =>
        {
            var (plain, cipher) = (test.Text("plain"), test.Text("cipher_base64"));
            AlipayCipher.Encrypt(key, plain, AlipayWire.Utf8).Should().Be(cipher);
            AlipayCipher.TryDecrypt(key, cipher, AlipayWire.Utf8).Should().Be(plain);
            AlipayCipher.TryDecrypt(key, Flip(cipher, 0), AlipayWire.Utf8).Should().NotBe(plain);
        });
    }

    private static int RunRequests(string file) => ForEach(Samples.Vector(file).GetProperty("cases"), test =>
    {
        var (fields, encoding) = (test.Map("params"), AlipayWire.Charset(test.Text("charset"))!);
        var text = AlipaySigner.StringToSign(fields);
        text.Should().Be(test.Text("string_to_sign"), test.Text("id"));
        Samples.AppKey.Sign(text, encoding).Should().Be(test.Text("sign"));
        FailsWithEveryChange(Samples.AppPublicKey, text, test.Text("sign"), encoding);

        fields["sign"] = test.Text("sign");
        var (wire, form) = (test.GetProperty("wire"), AlipayWire.Form(fields, encoding));
        var sent = wire.TryGetProperty("body", out var body) ? body.GetString()!
            : wire.TryGetProperty("value", out var value) ? value.GetString()!
            : wire.Text("url")[(wire.Text("url").IndexOf('?') + 1)..];
        form.Should().Be(sent);
        var received = AlipayWire.TryReadForm(System.Text.Encoding.ASCII.GetBytes(sent))!.Value;
        received.Fields.Should().Equal(fields.Where(field => field.Value.Length > 0).ToDictionary());
        received.Encoding.CodePage.Should().Be(encoding.CodePage);
        if (!test.TryGetProperty("derived", out var links))
            return;
        AlipaySigningMessages.WalletPage(new Uri(wire.Text("url"))).OriginalString.Should().Be(links.Text("wallet_scheme_page"));
        AlipaySigningMessages.WalletSigning(form).OriginalString.Should().Be(links.Text("wallet_scheme_sign_params"));
    });

    private static int RunAnswers(string file) => ForEach(Samples.Vector(file).GetProperty("cases"), test =>
    {
        var (body, node, expected) = (test.Text("body"), test.Text("root_node"), test.Text("expect"));
        var method = node == "error_response" ? "alipay.trade.pay" : node[..^"_response".Length].Replace('_', '.');
        AlipayEnvelope.TryRead(body, method)!.Content.Should().Be(test.Text("raw_content"), test.Text("id"));
        var aes = Samples.Vector("keys.json").Text("aes_key_base64");
        var reply = AlipayReader.Read(AlipayWire.Utf8.GetBytes(body), method, Samples.PlatformKeys, aes, Samples.Now);
        reply.Should().BeOfType(expected switch
        {
            "valid" or "valid_after_unescaping_slash" => typeof(AlipayReply.Message),
            "unsigned_error" => typeof(AlipayReply.UnsignedError),
            "invalid" or "reject_unsigned" => typeof(AlipayReply.Unclear),
            _ => throw new InvalidOperationException(expected),
        }, test.Text("id"));
        if (test.TryGetProperty("parsed", out var parsed))
            ((AlipayReply.Message)reply).Node.GetRawText().Should().Be(parsed.Text("decrypted"));
        if (reply is not AlipayReply.Message)
            return;
        var text = test.TryGetProperty("signed_content", out var signed) ? signed.GetString()! : test.Text("raw_content");
        FailsWithEveryChange(AlipayKey.TryPublic(Samples.Key("alipay", "public_spki_base64"))!, text, test.Text("sign"), AlipayWire.Utf8);
        for (var at = 0; at < test.Text("raw_content").Length; at++)
        {
            var changed = body.Replace(test.Text("raw_content"), Flip(test.Text("raw_content"), at), StringComparison.Ordinal);
            AlipayReader.Read(AlipayWire.Utf8.GetBytes(changed), method, Samples.PlatformKeys, aes, Samples.Now)
                .Should().BeOfType<AlipayReply.Unclear>($"{test.Text("id")} was changed at {at}");
        }
    });

    private static int RunNotifications(string file) => ForEach(Samples.Vector(file).GetProperty("cases"), test =>
    {
        var form = System.Text.Encoding.ASCII.GetBytes(test.Text("form_body"));
        var (fields, encoding) = AlipayWire.TryReadForm(form)!.Value;
        fields.Should().Equal(test.Map("params"));
        var callbacks = new AlipayCallbacks(Samples.Options(), Samples.PlatformKeys);
        var now = AlipayWire.TryTime(fields["notify_time"])!.Value;
        var keepsType = test.GetProperty("sign_type_in_string").GetBoolean();
        var text = AlipaySigner.Join(fields.Where(field => field.Key != "sign" && (keepsType || field.Key != "sign_type")));
        var isValid = test.Text("expect") == "valid";
        (text == test.Text("string_to_verify")).Should().Be(isValid, "the changed one was changed after it was signed");
        (callbacks.WhyForged(fields, encoding, now) is null).Should().Be(isValid);
        callbacks.Read(Samples.Callback(form), now).Should().BeOfType((isValid, fields["notify_type"], fields.ContainsKey("refund_fee")) switch
        {
            (false, _, _) => typeof(CallbackReading.Rejected),
            (_, "trade_status_sync", true) => typeof(CallbackReading.OfRefund),
            (_, "dut_user_sign" or "dut_user_unsign", _) => typeof(CallbackReading.OfAgreement),
            (_, "trade_status_sync", _) => typeof(CallbackReading.OfCharge),
            _ => typeof(CallbackReading.NothingForUs),
        });
        if (!isValid)
            return;
        FailsWithEveryChange(AlipayKey.TryPublic(Samples.Key("alipay", "public_spki_base64"))!, text, fields["sign"], encoding);
        foreach (var (name, value) in fields.Where(field => field.Value.Length > 0))
        {
            var changed = new Dictionary<string, string>(fields) { [name] = Flip(value, value.Length / 2) };
            callbacks.Read(Samples.Callback(Samples.Form(changed, encoding)), now).Should().BeOfType<CallbackReading.Rejected>($"{name} was changed");
        }
    });

    private static int RunCodes(string file) => ForEach(Samples.Vector(file).GetProperty("codes"), test =>
    {
        var code = test.Text("sub_code");
        var name = AlipayCodes.ClassOf(code) switch
        {
            AlipayCodeClass.Unknown => "UNKNOWN",
            AlipayCodeClass.AlreadyPaid => "ALREADY_PAID",
            AlipayCodeClass.BuyerRetry => "BUYER_RETRY",
            AlipayCodeClass.BuyerStop => "BUYER_STOP",
            AlipayCodeClass.AgreementDead => "AGREEMENT_DEAD",
            AlipayCodeClass.PlanViolation => "PLAN_VIOLATION",
            AlipayCodeClass.NewOrderNumber => "NEW_ORDER_NO",
            AlipayCodeClass.RequestBug => "REQUEST_BUG",
            AlipayCodeClass.MerchantStop => "MERCHANT_STOP",
            AlipayCodeClass.RiskStop => "RISK_STOP",
            AlipayCodeClass.AttemptCap => "ATTEMPT_CAP",
            AlipayCodeClass.NotApplicable => "NOT_APPLICABLE",
            _ => throw new InvalidOperationException(code),
        };
        name.Should().Be(test.Text("class"), code);

        // No code alone settles an order: it is asked about, or it is a fault of ours and the number stays the same.
        var answer = AlipayVerdicts.JudgePay(Samples.Failure(code), Samples.Order);
        (answer.Outcome is ChargeOutcome.Refused || answer.Evidence == Evidence.Hint).Should().BeTrue(code);
        answer.Outcome.Should().NotBeOfType<ChargeOutcome.Succeeded>();
        (answer.Outcome is ChargeOutcome.Refused).Should().Be(
            (name is "REQUEST_BUG" or "MERCHANT_STOP" or "NOT_APPLICABLE" && code != "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR")
                || code == "ACQ.OVER_MERCHANT_DAILY_DEDUCT_AMOUNT",
            code);
    });

    private static int RunStatement(string file)
    {
        var vector = Samples.Vector(file);
        var zip = Convert.FromBase64String(vector.Text("zip_base64"));
        var lines = AlipayStatement.Read(zip, Samples.SellerId, new(2025, 7, 1), 1 << 20)
            .Should().BeOfType<StatementAnswer.Ready>().Which.Lines.ToList();
        var rows = vector.GetProperty("expected_rows");
        var ran = 0;
        foreach (var (row, line) in rows.EnumerateArray().Zip(lines))
        {
            line.OrderNumber.Should().Be(row.Text("out_trade_no"));
            line.RailTransaction.Should().Be(row.Text("trade_no"));
            (line.RefundNumber ?? "").Should().Be(row.Text("refund_no"));
            line.Amount.Should().Be(AlipayWire.TryYuan(row.Text("order_amount").TrimStart('-'))!.Value);
            ran++;
        }

        lines.Should().HaveCount(rows.GetArrayLength());
        var totals = vector.GetProperty("expected_totals");
        lines.Count(line => line.RefundNumber is null).Should().Be(totals.GetProperty("trade_count").GetInt32());
        lines.Where(line => line.RefundNumber is null).Sum(line => line.Amount.MinorUnits)
            .Should().Be(AlipayWire.TryYuan(totals.Text("trade_received"))!.Value.MinorUnits);
        return ran + 1;
    }

    private static int ForEach(JsonElement cases, Action<JsonElement> run)
    {
        foreach (var test in cases.EnumerateArray())
            run(test);
        return cases.GetArrayLength();
    }

    /// <summary>The signature holds, and not with one changed character of the text or of itself.</summary>
    private static void FailsWithEveryChange(AlipayKey key, string text, string sign, System.Text.Encoding encoding)
    {
        key.Verify(text, sign, encoding).Should().BeTrue();
        for (var at = 0; at < text.Length; at++)
            key.Verify(Flip(text, at), sign, encoding).Should().BeFalse();
        for (var at = 0; at < sign.Length; at++)
            key.Verify(text, Flip(sign, at), encoding).Should().BeFalse();
    }

    private static string Flip(string text, int at) => $"{text[..at]}{(text[at] == '7' ? '8' : '7')}{text[(at + 1)..]}";
}
