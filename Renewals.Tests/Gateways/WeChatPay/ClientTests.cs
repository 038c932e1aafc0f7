using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

/// <summary>The adapter against a stub of the rail: what is sent, what is repeated, and what is not believed.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task A_charge_without_an_answer_is_repeated_byte_for_byte_and_then_unknown()
    {
        using var gateway = rail.KeepsSilent(TimeSpan.FromSeconds(8)).KeepsSilent(TimeSpan.FromSeconds(8)).Gateway();
        var answer = await gateway.ChargeAsync(Samples.Order, default);
        answer.Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        rail.Received.Should().HaveCount(2);
        rail.Received[1].Body.Should().Equal(rail.Received[0].Body);
    }

    [Fact]
    public async Task A_charge_lost_once_is_accepted_by_its_repeat()
    {
        using var gateway = rail.Breaks().Says(("result_code", "SUCCESS")).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().Be(new ChargeOutcome.Pending("ACCEPTED"));
        rail.Received[1].Body.Should().Equal(rail.Received[0].Body);
    }

    [Fact]
    public async Task A_charge_lost_once_whose_repeat_is_refused_is_unknown()
    {
        using var gateway = rail.Breaks().Says(("result_code", "FAIL"), ("err_code", "INVALID_REQUEST")).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public async Task A_lost_notice_is_unknown_and_not_repeated()
    {
        using var gateway = rail.Breaks().Gateway();
        (await gateway.AnnounceAtRailAsync(new(Samples.Signed, Money.Cny(1500)), default)).Should().BeOfType<RailNoticeAnswer.Unknown>();
        rail.Received.Should().ContainSingle();
    }

    [Fact]
    public async Task A_gateway_error_counts_as_a_transport_fault()
    {
        using var gateway = rail.Says("<html>bad gateway</html>"u8.ToArray(), 502).Says([], 503).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        rail.Received.Should().HaveCount(2);
    }

    public static TheoryData<string, string> Unbelievable() => new()
    {
        { "broken XML", "<xml><return_code>SUCCESS" },
        { "unsigned", WeChatPayXml.Write(Samples.Ours(("result_code", "FAIL"), ("err_code", "NOTENOUGH"))) },
        { "wrong signature", WeChatPayXml.Write(Samples.Ours(("result_code", "FAIL"), ("err_code", "NOTENOUGH"), ("sign", new string('A', 32)))) },
        { "another method", Encoding.UTF8.GetString(Samples.SignedXml(Samples.Ours(("result_code", "SUCCESS")), WeChatPaySignType.HmacSha256)) },
        { "return_code FAIL", "<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[签名失败]]></return_msg></xml>" },
        { "a document type", "<!DOCTYPE x><xml><return_code>SUCCESS</return_code></xml>" },
    };

    [Theory]
    [MemberData(nameof(Unbelievable))]
    public async Task An_answer_that_cannot_be_believed_says_nothing_and_is_not_repeated(string why, string body)
    {
        using var gateway = rail.Says(Encoding.UTF8.GetBytes(body)).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>(why);
        rail.Received.Should().ContainSingle();
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
    public async Task An_answer_over_the_limit_is_no_answer()
    {
        using var gateway = rail.Says(new byte[2_000_000]).Says(new byte[2_000_000]).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
    }

    [Fact]
    public async Task Without_a_permit_nothing_is_sent()
    {
        using var gateway = rail.Says(("result_code", "SUCCESS")).Gateway(o => (o.Resilience.Burst, o.Resilience.CallsPerSecond) = (1, 1));
        gateway.FreePermits(5).Should().Be(1);
        await gateway.ChargeAsync(Samples.Order, default);
        gateway.FreePermits(5).Should().Be(0);
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().Be(new ChargeOutcome.NotSent("no permit is free"));
        rail.Received.Should().ContainSingle();
        rail.Time.Advance(TimeSpan.FromSeconds(1));
        gateway.FreePermits(5).Should().Be(1);
    }

    [Fact]
    public async Task An_order_that_is_payable_without_a_contract_is_closed_and_never_shown()
    {
        var request = Samples.Signing(SigningScene.OfficialAccount, paying: true);
        using var gateway = rail.Says(Refused("SYSTEMERROR")).Says(("result_code", "FAIL"), ("err_code", "SYSTEMERROR")).Says(("result_code", "SUCCESS"))
            .Gateway();
        (await gateway.StartSigningAsync(request, default)).Should().Be(new SigningAnswer.Refused("SYSTEMERROR", WeChatPayCodes.Refused));
        rail.Received.Select(request => request.Path).Should().Equal("/pay/contractorder", "/pay/closeorder", "/pay/closeorder");
    }

    [Fact]
    public async Task An_order_that_cannot_be_closed_leaves_the_signing_unknown()
    {
        using var gateway = rail.Says(Refused("SYSTEMERROR")).Says("?"u8.ToArray()).Says("?"u8.ToArray()).Says("?"u8.ToArray()).Gateway();
        (await gateway.StartSigningAsync(Samples.Signing(SigningScene.App, paying: true), default)).Should().BeOfType<SigningAnswer.Unknown>();
        rail.Received.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_member_who_already_signed_is_told_so()
    {
        using var gateway = rail.Says(Refused("CONTRACT_EXISTED")).Says(("result_code", "SUCCESS"))
            .Says(("result_code", "FAIL"), ("err_code", "CONTRACT_EXISTED")).Gateway();
        (await gateway.StartSigningAsync(Samples.Signing(SigningScene.App, paying: true), default)).Should().Be(new SigningAnswer.AlreadySigned());
        (await gateway.StartSigningAsync(Samples.Signing(SigningScene.App), default)).Should().Be(new SigningAnswer.AlreadySigned());
    }

    [Theory]
    [InlineData(SigningScene.OfficialAccount, "package", "prepay_id=wx1")]
    [InlineData(SigningScene.App, "prepayid", "wx1")]
    public async Task An_order_with_its_contract_is_shown(SigningScene scene, string name, string value)
    {
        using var gateway = rail.Says(("result_code", "SUCCESS"), ("contract_result_code", "SUCCESS"), ("prepay_id", "wx1")).Gateway();
        (await gateway.StartSigningAsync(Samples.Signing(scene, paying: true), default)).Should().BeOfType<SigningAnswer.Ready>()
            .Which.Page.Should().BeOfType<SigningPage.SdkParameters>().Which.Values[name].Should().Be(value);
    }

    [Fact]
    public async Task An_order_of_another_is_never_shown()
    {
        using var gateway = rail.Says(
            ("result_code", "SUCCESS"), ("contract_result_code", "SUCCESS"), ("prepay_id", "wx1"), ("out_trade_no", "another")).Gateway();
        (await gateway.StartSigningAsync(Samples.Signing(SigningScene.App, paying: true), default)).Should().BeOfType<SigningAnswer.Unknown>();
    }

    [Fact]
    public async Task The_page_for_mobile_browsers_may_be_unsigned()
    {
        using var gateway = rail
            .Says("<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><redirect_url>https://wx.tenpay.com/x</redirect_url></xml>"u8.ToArray())
            .Says("<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><result_msg>SIGN_ERROR</result_msg></xml>"u8.ToArray())
            .Says("<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><redirect_url>javascript:x</redirect_url></xml>"u8.ToArray())
            .Gateway();
        var request = Samples.Signing(SigningScene.MobileBrowser);
        (await gateway.StartSigningAsync(request, default)).Should().Be(
            new SigningAnswer.Ready(new SigningPage.Redirect(new Uri("https://wx.tenpay.com/x"))));
        (await gateway.StartSigningAsync(request, default)).Should().Be(new SigningAnswer.Refused("SIGN_ERROR", WeChatPayCodes.Refused));
        (await gateway.StartSigningAsync(request, default)).Should().BeOfType<SigningAnswer.Unknown>();
        (await gateway.StartSigningAsync(request with { ClientAddress = null }, default)).Should().BeOfType<SigningAnswer.Refused>();
        (await gateway.StartSigningAsync(request with { DisplayAccount = "\U0001F600" }, default)).Should().BeOfType<SigningAnswer.Refused>();
        rail.Received[0].Request.Method.Should().Be(HttpMethod.Get);
    }

    [Fact]
    public async Task A_notice_is_signed_verified_and_accepted_by_204()
    {
        var notice = new RailNoticeOrder(Samples.Signed, Money.Cny(1500));
        using var gateway = rail.SaysJson(204, "").SaysJson(400, """{"code":"INVALID_REQUEST","message":"x"}""")
            .Says([], 204).SaysJson(500, """{"code":"SYSTEM_ERROR"}""").Gateway();
        (await gateway.AnnounceAtRailAsync(notice, default)).Should().Be(new RailNoticeAnswer.Accepted());
        (await gateway.AnnounceAtRailAsync(notice, default)).Should().Be(new RailNoticeAnswer.Refused("INVALID_REQUEST", WeChatPayCodes.Refused));
        (await gateway.AnnounceAtRailAsync(notice, default)).Should().BeOfType<RailNoticeAnswer.Unknown>("it was not signed");
        (await gateway.AnnounceAtRailAsync(notice, default)).Should().BeOfType<RailNoticeAnswer.Unknown>();

        using var merchantKey = RSA.Create();
        merchantKey.ImportFromPem(Samples.Vector("v3-request-sign.json").Text("merchant_public_key_pem"));
        var (path, body, request) = rail.Received[0];
        var authorization = WeChatPayAuthorization.TryParse(request.Headers.Authorization!.ToString())!;
        WeChatPayV3Signer.Verify(merchantKey, authorization, "POST", path, body).Should().BeTrue();
        WeChatPayV3Signer.IsFresh(authorization.Timestamp, Samples.Now).Should().BeTrue();
        request.Headers.UserAgent.Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_serial_that_is_not_held_is_downloaded_once_and_then_verified()
    {
        rail.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(1_772_330_400 + 60 * 60 * 48));
        var body = Samples.Vector("v3-certificates.json").Text("body");
        using var gateway = rail.SaysJson(204, "").SaysJson(200, body).Gateway(o => o.PlatformCertificatesPem.Clear());
        (await gateway.AnnounceAtRailAsync(new(Samples.Signed, Money.Cny(1500)), default)).Should().Be(new RailNoticeAnswer.Accepted());
        rail.Received.Select(request => request.Path).Should().Equal($"/v3/papay/contracts/{Samples.ContractId}/notify", "/v3/certificates");
        gateway.PlatformKeys.Knows(Samples.PlatformSerial).Should().BeTrue();
    }

    [Fact]
    public async Task Ending_a_contract_is_confirmed_when_the_answer_is_unclear()
    {
        using var gateway = rail.Says(("result_code", "FAIL"), ("err_code", "NEVER_HEARD_OF"))
            .Says(("result_code", "SUCCESS"), ("contract_code", Samples.Agreement.SigningCode), ("contract_state", "1"), ("contract_termination_mode", "3"))
            .Gateway();
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default)).Should().Be(new AgreementAnswer.Terminated(TerminationMode.Merchant, null));
    }

    [Fact]
    public async Task A_deduction_cannot_be_stopped_and_a_first_payment_is_closed()
    {
        using var gateway = rail.Says(("result_code", "SUCCESS"), ("out_trade_no", Samples.Number.ToString()), ("trade_state", "ACCEPT"))
            .Says(("result_code", "SUCCESS")).Gateway();
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().Be(new ChargeOutcome.Pending("ACCEPT"));
        (await gateway.StopChargeAsync(Samples.FirstOrder, default)).Outcome.Should().BeOfType<ChargeOutcome.Declined>();
        rail.Received.Select(request => request.Path).Should().Equal("/pay/paporderquery", "/pay/closeorder");
    }

    [Fact]
    public async Task A_refund_goes_through_the_chosen_interface()
    {
        using var v3 = rail.SaysJson(200, $$"""
            {"out_refund_no":"{{Samples.Refund.Number}}","out_trade_no":"{{Samples.Number}}","status":"PROCESSING"}
            """).Gateway();
        (await v3.RefundAsync(Samples.Refund, default)).Should().Be(new RefundAnswer.Pending("PROCESSING"));
        using var v2 = rail.Says(("result_code", "SUCCESS")).Gateway(o => o.RefundInterface = WeChatPayRefundInterface.V2WithCertificate);
        (await v2.RefundAsync(Samples.Refund, default)).Should().Be(new RefundAnswer.Pending("PROCESSING"));
        rail.Received.Select(request => request.Path).Should().Equal("/v3/refund/domestic/refunds", "/secapi/pay/refund");
    }

    [Fact]
    public async Task A_statement_is_downloaded()
    {
        using var gateway = rail.Says(Samples.Bytes("bill-all.txt")).Breaks().Breaks().Gateway();
        (await gateway.ReadStatementAsync(new LocalDate(2026, 3, 3), default)).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().HaveCount(2);
        (await gateway.ReadStatementAsync(new LocalDate(2026, 3, 3), default)).Should().BeOfType<StatementAnswer.Failed>();
    }

    [Fact]
    public async Task What_the_mode_or_the_agreement_forbids_is_not_sent()
    {
        using var gateway = rail.Gateway(o => o.NoticeMode = WeChatPayNoticeMode.TwentyFourHours);
        (await gateway.AnnounceAtRailAsync(new(Samples.Signed, Money.Cny(1)), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.MovePlanAsync(Samples.Signed, new(2026, 3, 3), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.ChargeAsync(Samples.Order with { Agreement = Samples.Unsigned }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        rail.Received.Should().BeEmpty();
    }

    private static (string, string)[] Refused(string code) =>
        [("result_code", "SUCCESS"), ("prepay_id", "wx1"), ("contract_result_code", "FAIL"), ("contract_err_code", code)];
}
