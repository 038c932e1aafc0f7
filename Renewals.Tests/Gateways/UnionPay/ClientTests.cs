using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

/// <summary>The adapter against a stub of the rail: what is sent, what is never repeated, and what is not believed.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task A_collection_is_posted_signed_and_its_acceptance_is_no_payment()
    {
        using var gateway = rail.Says("00", ("queryId", Samples.QueryId)).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().Be(new ChargeOutcome.Pending("00"));
        var (address, type, body, fields) = rail.Received.Should().ContainSingle().Subject;
        address.Should().Be(new Uri("https://gateway.95516.com/gateway/api/backTransReq.do"));
        type.Should().Be("application/x-www-form-urlencoded; charset=UTF-8");
        using var certificate = UnionPayCertificates.TryParse(Samples.Text("certs/merchant_sign.cer"))!.GetRSAPublicKey()!;
        UnionPaySigner.VerifyRsa(fields, certificate, UnionPaySigner.Version510, Samples.Utf8).Should().BeTrue();
        Encoding.ASCII.GetString(body).Should().NotContain(Samples.Card, "it is encrypted");
    }

    [Fact]
    public async Task A_collection_without_an_answer_is_unknown_and_never_sent_again()
    {
        using var gateway = rail.KeepsSilent(TimeSpan.FromSeconds(8)).Breaks().SaysRaw([], 502).SaysRaw([], 500).Gateway(o => o.Resilience.Retries = 5);
        for (var calls = 1; calls <= 4; calls++)
        {
            (await gateway.ChargeAsync(Samples.Order, default)).Should().BeEquivalentTo(new { Evidence = Evidence.Hint });
            rail.Received.Should().HaveCount(calls, "each call is one try");
        }
    }

    [Fact]
    public async Task Refunds_voids_signings_and_removals_are_never_sent_again_either()
    {
        using var gateway = rail.Breaks().Breaks().Breaks().Says("34", ("txnType", "00")).Breaks()
            .Gateway(o => (o.Resilience.Retries, o.VoidSameDay) = (5, true));
        (await gateway.RefundAsync(Samples.Refund, default)).Should().BeOfType<RefundAnswer.Unknown>();
        (await gateway.RefundAsync(Samples.Refund with { Amount = Samples.Refund.Paid }, default)).Should().BeOfType<RefundAnswer.Unknown>();
        (await gateway.StartSigningAsync(AtOnce, default)).Should().BeOfType<SigningAnswer.Unknown>();
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default)).Should().BeOfType<AgreementAnswer.Unknown>();
        rail.Calls.Should().Equal("04/00 backTransReq.do", "31/00 backTransReq.do", "72/16 backTransReq.do", "00/00 queryTrans.do", "74/05 backTransReq.do");
    }

    [Fact]
    public async Task A_question_is_repeated_and_its_answer_settles_the_order()
    {
        using var gateway = rail.Breaks().SaysPaid().SaysOf("11", "64", Samples.PaymentData).Says("34", ("txnType", "00")).Gateway();
        (await gateway.QueryChargeAsync(Samples.Order, default)).Should().Be(
            new ChargeAnswer(new ChargeOutcome.Succeeded(Money.Cny(1990), Samples.QueryId, UnionPayText.Time("20260305101532")!.Value)));
        rail.Received[1].Body.Should().Equal(rail.Received[0].Body);
        (rail.Received[0].Fields["orderId"], rail.Received[0].Fields["txnTime"]).Should().Be((Samples.Number.ToString(), "20260305101530"));
        (await gateway.QueryChargeAsync(Samples.Order, default)).Should().Be(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "64")));
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Missing>();
    }

    public static TheoryData<string, string> Unbelievable()
    {
        var genuine = Samples.Ours([("txnType", "11"), ("orderId", Samples.Number.ToString()), ("txnTime", "20260305101530"), ("respCode", "00"), ("origRespCode", "00"), .. Samples.PaymentData]);
        string Body(IEnumerable<KeyValuePair<string, string>> fields) => Samples.Utf8.GetString(UnionPayWire.WriteAnswer(fields, Samples.Utf8));
        Dictionary<string, string> With(string name, string value) => new(genuine) { [name] = value };
        return new()
        {
            { "no signature", Body(genuine) },
            { "another amount than was signed", Body(Samples.SignedByPlatform(genuine)).Replace("txnAmt=1990", "txnAmt=1") },
            { "another merchant's answer", Body(Samples.SignedByPlatform(With("merId", "700000000000002"))) },
            { "another version", Body(Samples.SignedByPlatform(With("version", "5.0.0"))) },
            { "another method", Body(Samples.SignedByPlatform(With("signMethod", "12"))) },
            { "the old test owner", Body(Samples.SignedByPlatform(genuine, "platform_sign_test_cn")) },
            { "a field twice", Body(Samples.SignedByPlatform(genuine)) + "&respCode=00" },
            { "a page", "<html>maintenance</html>" },
            { "nothing", "" },
        };
    }

    [Theory]
    [MemberData(nameof(Unbelievable))]
    public async Task An_answer_that_cannot_be_believed_says_nothing_and_is_not_asked_for_again(string why, string body)
    {
        using var gateway = rail.SaysRaw(body).SaysRaw(body).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Should().BeEquivalentTo(new { Evidence = Evidence.Hint }, why);
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>(why);
        rail.Received.Should().HaveCount(2);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_answers_over_the_limit_are_no_answers()
    {
        using var gateway = rail.SaysRaw([0xFF, 0xFE]).SaysRaw(new byte[2_000_000]).Gateway();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        (await gateway.ChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
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
        using var gateway = rail.Says("00").Gateway(o => (o.Resilience.Burst, o.Resilience.CallsPerSecond) = (1, 1));
        gateway.FreePermits(5).Should().Be(1);
        await gateway.ChargeAsync(Samples.Order, default);
        (await gateway.ChargeAsync(Samples.Order, default)).Should().Be(new ChargeAnswer(new ChargeOutcome.NotSent("no permit is free")));
        (await gateway.RefundAsync(Samples.Refund, default)).Should().BeOfType<RefundAnswer.Refused>().Which.RailCode.Should().Be("NOT_SENT");
        rail.Received.Should().ContainSingle();
    }

    public static TheoryData<string, Action<UnionPayOptions>> Signatures() => new()
    {
        { "11", o => Samples.WithSecureKey(o, UnionPaySignMethod.Sha256) },
        { "12", o => Samples.WithSecureKey(o, UnionPaySignMethod.Sm3) },
        { "5.0.0", Samples.WithVersion500 },
        { "GBK", o => o.Encoding = "GBK" },
    };

    [Theory]
    [MemberData(nameof(Signatures))]
    public async Task Every_way_of_signing_works_in_both_directions(string name, Action<UnionPayOptions> change)
    {
        using var gateway = rail.SaysPaid().Gateway(change);
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>(name);
        rail.Received.Single().Fields.Should().ContainKey("signature");
    }

    [Fact]
    public async Task A_signing_without_a_code_is_a_form_and_no_call()
    {
        using var gateway = rail.Gateway();
        var page = (await gateway.StartSigningAsync(Samples.Signing(Samples.Payer), default)).Should().BeOfType<SigningAnswer.Ready>().Which.Page
            .Should().BeOfType<SigningPage.Form>().Subject;
        page.Address.Should().Be(new Uri("https://gateway.95516.com/gateway/api/frontTransReq.do"));
        (page.Fields["orderId"], page.Fields["txnTime"]).Should().Be((Samples.Agreement.SigningCode, "20260305101530"));
        page.Fields.Should().ContainKeys("frontUrl", "backUrl", "signature").And.NotContainValue(Samples.Card);
        rail.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task A_signing_with_a_code_is_signed_at_once_or_asked_for()
    {
        using var gateway = rail.Says("00").Says("12").SaysOf("72", "00").Says("12").SaysOf("72", "05").Says("66").Gateway();
        (await gateway.StartSigningAsync(AtOnce, default)).Should().BeOfType<SigningAnswer.Signed>().Which.Agreement.RailAgreementId.Should().Be(Samples.Agreement.SigningCode);
        (await gateway.StartSigningAsync(AtOnce, default)).Should().BeOfType<SigningAnswer.Signed>("the first try had arrived");
        (await gateway.StartSigningAsync(AtOnce, default)).Should().BeOfType<SigningAnswer.Unknown>();
        (await gateway.StartSigningAsync(AtOnce, default)).Should().BeOfType<SigningAnswer.Refused>().Which.RailCode.Should().Be("66");
        rail.Received.Where(call => call.Fields["txnType"] == "00").Should().OnlyContain(call => call.Fields["orderId"] == Samples.Agreement.SigningCode);
    }

    [Fact]
    public async Task The_entrust_of_a_card_that_is_not_served_is_removed_where_it_is_found()
    {
        using var gateway = rail.Says("00", ("payCardType", "02")).Says("00")
            .SaysOf("72", "00", ("payCardType", "02")).Says("00")
            .SaysOf("72", "00", ("payCardType", "02")).Breaks().Gateway();
        (await gateway.StartSigningAsync(AtOnce, default)).Should().BeOfType<SigningAnswer.Refused>();
        (await gateway.QueryAgreementAsync(Samples.Signed, default)).Should().BeOfType<AgreementAnswer.Terminated>();
        (await gateway.QueryAgreementAsync(Samples.Signed, default)).Should().BeOfType<AgreementAnswer.Unknown>("it stands until it is known to be removed");
        rail.Calls.Should().Equal(
            "72/16 backTransReq.do", "74/05 backTransReq.do", "00/00 queryTrans.do", "74/05 backTransReq.do", "00/00 queryTrans.do", "74/05 backTransReq.do");
    }

    [Fact]
    public async Task Generation_A_is_asked_for_its_binding()
    {
        using var gateway = rail.Says("00").Says("72").Says("72").Gateway(o => o.Generation = UnionPayGeneration.A);
        (await gateway.QueryAgreementAsync(Samples.Signed, default)).Should().BeOfType<AgreementAnswer.Active>();
        (await gateway.QueryAgreementAsync(Samples.Signed, default)).Should().BeOfType<AgreementAnswer.Terminated>();
        (await gateway.QueryAgreementAsync(Samples.Signed with { RailAgreementId = null }, default)).Should().BeOfType<AgreementAnswer.NotFound>();
        rail.Calls.Should().OnlyContain(call => call == "75/00 backTransReq.do");
    }

    [Fact]
    public async Task Ending_an_ended_entrust_is_ending_it()
    {
        using var gateway = rail.Says("00").Says("72").Says("06").Gateway();
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default)).Should().Be(new AgreementAnswer.Terminated(TerminationMode.Merchant, null));
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default)).Should().Be(new AgreementAnswer.Terminated(TerminationMode.Unstated, null));
        (await gateway.TerminateAgreementAsync(Samples.Signed, "x", default)).Should().BeOfType<AgreementAnswer.Unknown>();
        rail.Received[0].Fields["billNo"].Should().Be(Samples.Agreement.SigningCode);
    }

    [Fact]
    public async Task A_refund_is_proved_by_a_question_under_its_own_number_and_time()
    {
        using var gateway = rail.Says("00").SaysOf("04", "00", ("txnAmt", "990"), ("currencyCode", "156"), ("queryId", "R1")).Says("34", ("txnType", "00")).Gateway();
        (await gateway.RefundAsync(Samples.Refund, default)).Should().Be(new RefundAnswer.Pending("00"));
        (await gateway.QueryRefundAsync(Samples.Refund, default)).Should().Be(new RefundAnswer.Refunded(Money.Cny(990), "R1", Samples.Now));
        (await gateway.QueryRefundAsync(Samples.Refund, default)).Should().BeOfType<RefundAnswer.Unknown>();
        rail.Received.Select(call => (call.Fields["orderId"], call.Fields["txnTime"])).Distinct().Should()
            .Equal((Samples.Refund.Number.ToString(), "20260305101530"));
        rail.Received[0].Fields["origQryId"].Should().Be(Samples.QueryId);
    }

    [Fact]
    public async Task An_order_is_stopped_by_a_void_only_while_it_is_undecided_on_its_own_clearing_day()
    {
        (string, string?)[] open = [("queryId", Samples.QueryId)];
        (string, string?)[] proof = [("txnAmt", "1990"), ("currencyCode", "156"), ("queryId", "V1")];
        using var gateway = rail.SaysPaid()
            .SaysOf("11", "05", open).Says("00").SaysOf("31", "00", proof)
            .SaysOf("11", "05", open).Says("00").SaysOf("31", "05")
            .SaysOf("11", "05", open).Breaks()
            .SaysOf("11", "05", open).Gateway(o => o.VoidSameDay = true);
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Succeeded>("a paid order is reported, never voided");
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().Be(new ChargeOutcome.Declined(DeclineReason.OrderClosed, "VOIDED"));
        (await gateway.StopChargeAsync(Samples.Order, default)).Should().BeEquivalentTo(new { Evidence = Evidence.Hint }, "the void is not proved");
        (await gateway.StopChargeAsync(Samples.Order, default)).Should().BeEquivalentTo(new { Evidence = Evidence.Hint }, "the void was lost");
        rail.Time.SetUtcNow(Instant.FromUtc(2026, 3, 5, 15, 0).ToDateTimeOffset());
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Pending>("the clearing day is over");
        rail.Calls.Count(call => call.StartsWith("31", StringComparison.Ordinal)).Should().Be(3);
    }

    [Fact]
    public async Task By_default_nothing_is_voided()
    {
        using var gateway = rail.SaysOf("11", "05", ("queryId", Samples.QueryId)).Gateway();
        (await gateway.StopChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        rail.Received.Should().ContainSingle();
    }

    [Fact]
    public async Task A_settlement_file_is_downloaded_from_the_file_host_and_read()
    {
        var content = Samples.Vector("12-reconciliation.json").Text("fileContent");
        using var gateway = rail.Says("00", ("fileContent", content)).Says("00", ("fileContent", content), ("settleDate", "0306"))
            .Says("00", ("fileContent", "e30=")).Says("00").Says("11").SaysRaw([], 500).Gateway();
        rail.Time.SetUtcNow(Instant.FromUtc(2026, 3, 6, 1, 30).ToDateTimeOffset());
        (await Day()).Should().BeOfType<StatementAnswer.Ready>().Which.Lines.Should().NotBeEmpty();
        rail.Received[0].Address.Should().Be(new Uri("https://filedownload.95516.com/"));
        (rail.Received[0].Fields["settleDate"], rail.Received[0].Fields["fileType"]).Should().Be(("0305", "00"));
        for (var faults = 1; faults <= 5; faults++)
            (await Day()).Should().BeOfType<StatementAnswer.Failed>($"fault {faults}");

        Task<StatementAnswer> Day() => gateway.ReadStatementAsync(new(2026, 3, 5), default);
    }

    /// <summary>Taking a late file for an empty day would prove that an order took no money.</summary>
    [Fact]
    public async Task Only_the_clock_tells_a_day_without_business_from_a_file_that_is_not_made_yet()
    {
        using var gateway = rail.Says("98").Says("98").Gateway();
        rail.Time.SetUtcNow(Instant.FromUtc(2026, 3, 7, 0, 59).ToDateTimeOffset());
        (await gateway.ReadStatementAsync(new(2026, 3, 5), default)).Should().BeOfType<StatementAnswer.NotReady>();
        rail.Time.SetUtcNow(Instant.FromUtc(2026, 3, 7, 1, 0).ToDateTimeOffset());
        var ready = (await gateway.ReadStatementAsync(new(2026, 3, 5), default)).Should().BeOfType<StatementAnswer.Ready>().Subject;
        (ready.Raw.Length, ready.Lines.Count()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_new_encryption_certificate_is_used_from_then_on_and_a_bad_one_never()
    {
        using var key = RSA.Create(2048);
        string Certificate(RSA of, DateTimeOffset until) => new CertificateRequest("CN=TEST KEY", of, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(until.AddDays(-30), until).ExportCertificatePem().ReplaceLineEndings("\r\n");
        using var small = RSA.Create(1024);
        var (next, old, weak) = (Certificate(key, rail.Time.GetUtcNow().AddDays(9)), Certificate(key, rail.Time.GetUtcNow().AddDays(-1)), Certificate(small, rail.Time.GetUtcNow().AddDays(9)));
        using var gateway = rail.Says("00", ("encryptPubKeyCert", old)).Says("00", ("encryptPubKeyCert", weak)).Says("00").Says("32")
            .Says("00", ("encryptPubKeyCert", next), ("orderId", "ANOTHER1")).Breaks().Says("00")
            .Says("00", ("encryptPubKeyCert", next)).Says("00").Gateway();
        for (var bad = 1; bad <= 6; bad++)
            (await gateway.RefreshEncryptionCertificateAsync(default)).Should().NotBeNull($"fault {bad}");
        await gateway.ChargeAsync(Samples.Order, default);
        (await gateway.RefreshEncryptionCertificateAsync(default)).Should().BeNull();
        await gateway.ChargeAsync(Samples.Order, default);
        var charges = rail.Received.Where(call => call.Fields["txnType"] == "11").Select(call => call.Fields).ToList();
        charges[0]["encryptCertId"].Should().Be(Samples.Vector("08-sensitive-fields.json").Text("encryptCertId"));
        charges[1]["encryptCertId"].Should().NotBe(charges[0]["encryptCertId"]);
        UnionPayCipher.TryDecrypt(charges[1]["accNo"], key, Samples.Utf8).Should().Be(Samples.Card);
    }

    [Fact]
    public async Task What_cannot_be_right_is_not_sent()
    {
        using var gateway = rail.Gateway();
        (await gateway.ChargeAsync(Samples.Order with { Agreement = Samples.Signed with { RailAgreementId = null } }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await gateway.ChargeAsync(Samples.Order with { Agreement = Samples.Signed with { PayerAccount = null } }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await gateway.ChargeAsync(Samples.Order with { Amount = new(100, "USD") }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await gateway.ChargeAsync(Samples.Order with { Amount = Money.Cny(0) }, default)).Outcome.Should().BeOfType<ChargeOutcome.Refused>();
        (await gateway.RefundAsync(Samples.Refund with { Amount = Money.Cny(0) }, default)).Should().BeOfType<RefundAnswer.Refused>();
        (await gateway.TerminateAgreementAsync(Samples.Signed with { PayerAccount = null }, "x", default)).Should().BeOfType<AgreementAnswer.Refused>();
        (await gateway.MovePlanAsync(Samples.Signed, new(2026, 4, 1), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.AnnounceAtRailAsync(new(Samples.Signed, Money.Cny(1)), default)).Should().BeOfType<RailNoticeAnswer.Refused>();
        (await gateway.StartSigningAsync(Samples.Signing(null), default)).Should().BeOfType<SigningAnswer.Refused>();
        rail.Received.Should().BeEmpty();
    }

    private static SigningRequest AtOnce => Samples.Signing(Samples.Payer with { SmsCode = "111111" });
}
