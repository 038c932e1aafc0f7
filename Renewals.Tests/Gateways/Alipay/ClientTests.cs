using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>The adapter against a stub of the rail: what is sent, what is repeated, and what is not believed.</summary>
public sealed class ClientTests : IDisposable
{
    private static readonly string Paid =
        $$"""
        "out_trade_no":"{{Samples.Number}}","trade_no":"{{Samples.TradeNo}}","total_amount":"19.90","gmt_payment":"2025-07-01 08:00:02"
        """;

    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task A_charge_is_posted_signed_to_the_gateway()
    {
        using var gateway = rail.Succeeds(Paid).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().Be(
            new ChargeOutcome.Succeeded(Money.Cny(1990), Samples.TradeNo, Instant.FromUtc(2025, 7, 1, 0, 0, 2)));
        var (address, _, fields) = rail.Received.Should().ContainSingle().Subject;
        address.Should().Be(new Uri("https://openapi.alipay.com/gateway.do?charset=utf-8"));
        Samples.AppPublicKey.Verify(AlipaySigner.StringToSign(fields), fields["sign"], AlipayWire.Utf8).Should().BeTrue();
        fields.Should().ContainKeys("app_id", "method", "timestamp", "notify_url", "biz_content").And.NotContainKey("encrypt_type");
    }

    [Fact]
    public async Task A_charge_without_an_answer_is_repeated_byte_for_byte_and_then_unknown()
    {
        using var gateway = rail.KeepsSilent(TimeSpan.FromSeconds(8)).KeepsSilent(TimeSpan.FromSeconds(8)).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        rail.Received.Should().HaveCount(2);
        rail.Received[1].Body.Should().Equal(rail.Received[0].Body);
    }

    [Fact]
    public async Task A_later_resend_has_the_same_content_under_a_new_time()
    {
        using var gateway = rail.Fails("ACQ.SYSTEM_ERROR").Succeeds(Paid).Gateway();
        await gateway.ChargeAsync(Samples.Order, default);
        rail.Time.Advance(TimeSpan.FromMinutes(30));
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        rail.Received[1].Fields["biz_content"].Should().Be(rail.Received[0].Fields["biz_content"]);
        rail.Received[1].Fields["timestamp"].Should().NotBe(rail.Received[0].Fields["timestamp"]);
    }

    [Fact]
    public async Task A_charge_lost_once_whose_repeat_is_refused_is_unknown()
    {
        using var gateway = rail.Breaks().Fails("ACQ.BUYER_BALANCE_NOT_ENOUGH").Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public async Task A_charge_lost_once_is_paid_by_its_repeat()
    {
        using var gateway = rail.SaysRaw("<html>bad gateway</html>"u8.ToArray(), 502).Succeeds(Paid).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
    }

    public static TheoryData<string, string> Unbelievable()
    {
        var node = $$"""{"code":"10000",{{Paid}}}""";
        return new()
        {
            { "broken JSON", "{\"alipay_trade_pay_response\":{\"code\":" },
            { "a success without a signature", $$"""{"alipay_trade_pay_response":{{node}}}""" },
            { "a failure without a signature", """{"alipay_trade_pay_response":{"code":"40004","sub_code":"ACQ.BUYER_BALANCE_NOT_ENOUGH"}}""" },
            { "a wrong signature", new AlipayEnvelope(node, Samples.AppKey.Sign(node, AlipayWire.Utf8), "").ToBody("alipay.trade.pay") },
            { "an answer to another method", Samples.Body("alipay.trade.query", node) },
            { "the signature of another text", Samples.Body("alipay.trade.pay", node).Replace("19.90", "19.80") },
            { "a genuine answer twice", Samples.Body("alipay.trade.pay", node).Insert(1, $"\"alipay_trade_pay_response\":{node},") },
            { "an encrypted answer nobody asked for", Samples.Body("alipay.trade.pay", "\"uUUI46ABpkpDjX/+jUcCFBf2lX2YiqSzlcWkz4PHxA0=\"") },
            { "no JSON", "<html>maintenance</html>" },
            { "nothing", "" },
        };
    }

    [Theory]
    [MemberData(nameof(Unbelievable))]
    public async Task An_answer_that_cannot_be_believed_says_nothing_and_is_not_repeated(string why, string body)
    {
        using var gateway = rail.SaysRaw(Encoding.UTF8.GetBytes(body)).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Should().BeEquivalentTo(new { Evidence = Evidence.Hint }, why);
        rail.Received.Should().ContainSingle();
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_answers_over_the_limit_are_no_answers()
    {
        using var gateway = rail.SaysRaw([0xFF, 0xFE]).SaysRaw(new byte[2_000_000]).SaysRaw(new byte[2_000_000]).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public async Task A_gateway_that_refuses_our_signature_is_a_fault_of_ours()
    {
        using var gateway = rail.SaysRaw("""{"error_response":{"code":"40002","sub_code":"isv.invalid-signature"}}"""u8.ToArray()).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>().Which.RailCode
            .Should().Be("isv.invalid-signature");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_throws_and_nothing_else_does()
    {
        using var gateway = rail.KeepsSilent(TimeSpan.Zero).Gateway();
        using var cancellation = new CancellationTokenSource();
        var call = gateway.ChargeAsync(Samples.Order, cancellation.Token);
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Without_a_permit_nothing_is_sent()
    {
        using var gateway = rail.Succeeds(Paid).Gateway(o => (o.Resilience.Burst, o.Resilience.CallsPerSecond) = (1, 1));
        gateway.FreePermits(5).Should().Be(1);
        await gateway.ChargeAsync(Samples.Order, default);
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().Be(new ChargeOutcome.NotSent("no permit is free"));
        rail.Received.Should().ContainSingle();
    }

    [Fact]
    public async Task Contents_are_encrypted_both_ways_where_that_is_set()
    {
        var key = Samples.Vector("keys.json").Text("aes_key_base64");
        var answer = AlipayCipher.Encrypt(key, $$"""{"code":"10000",{{Paid}}}""", AlipayWire.Utf8);
        using var gateway = rail.Says($"\"{answer}\"").Says($"\"{answer[..^4]}AAA=\"").Gateway(o => o.AesKey = key);
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>("it cannot be decrypted");
        var fields = rail.Received[0].Fields;
        fields["encrypt_type"].Should().Be("AES");
        AlipayCipher.TryDecrypt(key, fields["biz_content"], AlipayWire.Utf8).Should().Contain("\"total_amount\":\"19.90\"");
    }

    [Fact]
    public async Task An_open_order_is_closed_and_then_declined()
    {
        using var gateway = rail.Succeeds($"\"out_trade_no\":\"{Samples.Number}\"").Gateway();
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Declined>();
        rail.Methods.Should().Equal("alipay.trade.close");
    }

    [Fact]
    public async Task An_order_that_cannot_be_closed_is_cancelled_only_while_it_is_open_and_unpaid()
    {
        var open = $"\"out_trade_no\":\"{Samples.Number}\",\"trade_status\":\"WAIT_BUYER_PAY\"";
        using var gateway = rail
            .Fails("ACQ.SYSTEM_ERROR").Succeeds(open).Succeeds($"\"out_trade_no\":\"{Samples.Number}\",\"action\":\"refund\",\"retry_flag\":\"N\"")
            .Fails("ACQ.TRADE_STATUS_ERROR").Succeeds($"{Paid.Replace("gmt_payment", "send_pay_date")},\"trade_status\":\"TRADE_SUCCESS\"")
            .Fails("ACQ.TRADE_NOT_EXIST").Fails("ACQ.TRADE_NOT_EXIST")
            .Fails("ACQ.SYSTEM_ERROR").Succeeds(open).Gateway();
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome
            .Should().BeOfType<ChargeOutcome.Unknown>("it was paid in the last moment, and goes back");
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>();
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Missing>();
        rail.Time.Advance(TimeSpan.FromHours(24));
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome
            .Should().BeOfType<ChargeOutcome.Pending>("the rail cancels for 24 hours only");
        rail.Methods.Count(method => method == "alipay.trade.cancel").Should().Be(1);
    }

    [Fact]
    public async Task Ending_an_agreement_is_confirmed_when_the_answer_is_unclear()
    {
        using var gateway = rail.Succeeds().Fails("USER_AGREEMENT_STATUS_NOT_NORMAL").Fails("USER_AGREEMENT_NOT_EXIST")
            .Fails("AGREEMENT_NOT_EXIST").Succeeds(Agreement("2025-08-06")).Gateway();
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default))
            .Should().Be(new AgreementAnswer.Terminated(TerminationMode.Merchant, null));
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default))
            .Should().Be(new AgreementAnswer.Terminated(TerminationMode.Unstated, null));
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default))
            .Should().BeOfType<AgreementAnswer.Unknown>("the rail contradicts itself");
    }

    [Fact]
    public async Task A_move_whose_answer_was_lost_is_known_by_the_rails_next_date()
    {
        using var gateway = rail
            .Succeeds($"\"agreement_no\":\"{Samples.AgreementNo}\",\"deduct_time\":\"2025-07-20\"")
            .Fails("ILLEGAL_EXECUTION_TIME").Succeeds(Agreement("2025-07-20"))
            .Fails("ILLEGAL_EXECUTION_TIME").Succeeds(Agreement("2025-08-06")).Gateway();
        (await gateway.MovePlanAsync(Samples.Signed, new(2025, 7, 20), default)).Should().BeOfType<RailNoticeAnswer.Accepted>();
        (await gateway.MovePlanAsync(Samples.Signed, new(2025, 7, 20), default))
            .Should().BeOfType<RailNoticeAnswer.Accepted>("a repeat cannot move it later");
        (await gateway.MovePlanAsync(Samples.Signed, new(2025, 7, 20), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
    }

    [Fact]
    public async Task A_refund_keeps_its_number_and_only_the_query_proves_it()
    {
        using var gateway = rail.Succeeds($"\"out_trade_no\":\"{Samples.Number}\",\"fund_change\":\"Y\",\"refund_fee\":\"5.00\"")
            .Succeeds($"\"out_trade_no\":\"{Samples.Number}\",\"fund_change\":\"N\",\"refund_fee\":\"5.00\"")
            .Succeeds($$"""
                "out_trade_no":"{{Samples.Number}}","out_request_no":"{{Samples.Refund.Number}}","refund_status":"REFUND_SUCCESS",
                "refund_amount":"5.00","trade_no":"T"
                """)
            .Gateway();
        (await gateway.RefundAsync(Samples.Refund, default)).Should().BeOfType<RefundAnswer.Pending>();
        (await gateway.RefundAsync(Samples.Refund, default)).Should().BeOfType<RefundAnswer.Pending>();
        (await gateway.QueryRefundAsync(Samples.Refund, default)).Should().BeOfType<RefundAnswer.Refunded>();
        rail.Received[1].Fields["biz_content"].Should().Be(rail.Received[0].Fields["biz_content"]);
    }

    [Fact]
    public async Task A_statement_is_asked_for_and_fetched_at_once()
    {
        var zip = Convert.FromBase64String(Samples.Vector("bill-trade.json").Text("zip_base64"));
        using var gateway = rail.Succeeds("\"bill_download_url\":\"http:\\/\\/dwbillcenter.example.test\\/f?token=t\"").SaysRaw(zip)
            .Succeeds("\"bill_download_url\":\"http://dwbillcenter.example.test/f\"").SaysRaw([], 404)
            .Succeeds("\"bill_download_url\":\"file:///etc/passwd\"").Gateway();
        (await gateway.ReadStatementAsync(new LocalDate(2025, 7, 1), default)).Should().BeOfType<StatementAnswer.Ready>().Which.Lines
            .Should().HaveCount(3);
        (await gateway.ReadStatementAsync(new LocalDate(2025, 7, 1), default)).Should().BeOfType<StatementAnswer.Failed>();
        (await gateway.ReadStatementAsync(new LocalDate(2025, 7, 1), default)).Should().BeOfType<StatementAnswer.Failed>();
        rail.Received[1].Address.Should().Be(new Uri("http://dwbillcenter.example.test/f?token=t"));
        rail.Received[1].Body.Should().BeEmpty("the address is all that is asked for");
    }

    [Fact]
    public async Task Only_the_clock_tells_a_day_without_business_from_a_file_that_is_not_made_yet()
    {
        using var gateway = rail.Fails("BILL_NOT_EXIST").Fails("BILL_NOT_EXIST").Fails("UNKNOWN_ERROR").Gateway();
        rail.Time.SetUtcNow(Instant.FromUtc(2025, 7, 3, 1, 59).ToDateTimeOffset());
        (await gateway.ReadStatementAsync(new LocalDate(2025, 7, 1), default)).Should().BeOfType<StatementAnswer.NotReady>();
        rail.Time.SetUtcNow(Instant.FromUtc(2025, 7, 3, 2, 0).ToDateTimeOffset());
        var ready = (await gateway.ReadStatementAsync(new LocalDate(2025, 7, 1), default)).Should().BeOfType<StatementAnswer.Ready>().Subject;
        (ready.Raw.Length, ready.Lines.Count()).Should().Be((0, 0));
        (await gateway.ReadStatementAsync(new LocalDate(2025, 7, 1), default)).Should().BeOfType<StatementAnswer.Failed>();
    }

    [Fact]
    public async Task What_cannot_be_right_is_not_sent()
    {
        using var gateway = rail.Gateway();
        (await gateway.ChargeAsync(Samples.Order with { Agreement = Samples.Unsigned }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await gateway.ChargeAsync(Samples.Order with { Amount = new(100, "USD") }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await gateway.RefundAsync(Samples.Refund with { Amount = Money.Cny(0) }, default)).Should().BeOfType<RefundAnswer.Refused>();
        (await gateway.MovePlanAsync(Samples.Signed, new(2025, 7, 29), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.MovePlanAsync(Samples.Unsigned, new(2025, 7, 20), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.AnnounceAtRailAsync(new(Samples.Signed, Money.Cny(1)), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.StartSigningAsync(Samples.Signing(SigningScene.App), default)).Should().BeOfType<SigningAnswer.Ready>("and that is no call");
        rail.Received.Should().BeEmpty();
    }

    private static string Agreement(string next) =>
        $"\"agreement_no\":\"{Samples.AgreementNo}\",\"sign_time\":\"2025-06-01 10:02:00\",\"status\":\"NORMAL\",\"next_deduct_time\":\"{next}\"";
}
