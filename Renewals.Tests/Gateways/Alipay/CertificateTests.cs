using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

/// <summary>Certificate mode: what is named, what is fetched, and what is trusted.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Serial = "5fa2bf635fb0a60cbd1813a1f4c2f19f";
    private static readonly string Query = $"\"out_trade_no\":\"{Samples.Number}\",\"trade_status\":\"WAIT_BUYER_PAY\"";
    private readonly StubRail rail = new();

    public void Dispose() => rail.Dispose();

    [Fact]
    public async Task A_request_names_our_certificates_and_an_answer_names_the_rails()
    {
        using var gateway = rail.Says($$"""{"code":"10000",{{Query}}}""", Serial).Gateway(Samples.WithCertificates);
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        rail.Received[0].Fields["app_cert_sn"].Should().Be(Samples.Vector("certificates.json").Text("app_cert_sn"));
        rail.Received[0].Fields["alipay_root_cert_sn"].Should().Be(Samples.Vector("certificates.json").Text("alipay_root_cert_sn"));
    }

    [Fact]
    public async Task A_certificate_that_is_not_held_is_fetched_once_and_the_same_answer_is_then_believed()
    {
        using var gateway = rail.Says($$"""{"code":"10000",{{Query}}}""", Serial).SaysRaw(Download()).Says($$"""{"code":"10000",{{Query}}}""", Serial)
            .Gateway(WithoutRailCertificate);
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Pending>();
        rail.Methods.Should().Equal("alipay.trade.query", "alipay.open.app.alipaycert.download", "alipay.trade.query");
        rail.Received[1].Fields["biz_content"].Should().Be($$"""{"alipay_cert_sn":"{{Serial}}"}""");
    }

    [Fact]
    public void Only_a_certificate_that_leads_to_a_configured_root_is_taken()
    {
        var pem = Samples.Vector("certificates.json").Text("alipay_cert_pem");
        Keys().Take(Serial, pem, Samples.Now).Should().BeNull();
        Keys().Take(new string('0', 32), pem, Samples.Now).Should().Contain("another serial");
        Keys().Take(Serial, "x", Samples.Now).Should().Contain("cannot be read");
        Keys().Take(Serial, pem, Samples.Now + Duration.FromDays(365 * 40)).Should().Contain("no root", "it is not in force any more");
        var leaf = pem[..(pem.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + 25)];
        Keys().Take(Serial, leaf, Samples.Now).Should().Contain("no root", "what lies between is missing");

        var forged = Forge();
        Keys().Take(AlipayCertificate.TryReadAll(forged)![0].Serial, forged, Samples.Now).Should().Contain("no root", "anybody can sign one himself");
    }

    [Fact]
    public async Task A_forged_certificate_makes_no_answer_genuine()
    {
        var forged = Forge();
        var serial = AlipayCertificate.TryReadAll(forged)![0].Serial;
        using var gateway = rail.Says($$"""{"code":"10000",{{Query}}}""", serial).SaysRaw(Download(forged)).Gateway(WithoutRailCertificate);
        (await gateway.QueryChargeAsync(Samples.Order, default)).Outcome.Should().BeOfType<ChargeOutcome.Unknown>();
        gateway.PlatformKeys.Knows(serial).Should().BeFalse();
    }

    [Fact]
    public void A_certificate_verifies_only_inside_its_own_time()
    {
        var keys = AlipayPlatformKeys.Of(Samples.Options(Samples.WithCertificates));
        var sign = Samples.RailKey.Sign("a", AlipayWire.Utf8);
        keys.WhyNot("a", sign, Serial, AlipayWire.Utf8, Samples.Now).Should().BeNull();
        keys.WhyNot("a", sign, "", AlipayWire.Utf8, Samples.Now).Should().BeNull("a notification may name none");
        keys.WhyNot("a", sign, Serial, AlipayWire.Utf8, Instant.FromUtc(2000, 1, 1, 0, 0)).Should().Contain("in force");
        keys.WhyNot("a", sign, Serial, AlipayWire.Utf8, Instant.FromUtc(2100, 1, 1, 0, 0)).Should().Contain("in force");
        keys.WhyNot("a", sign, new string('a', 32), AlipayWire.Utf8, Samples.Now).Should().Contain("not known");
        keys.TakeMissed().Should().Be(new string('a', 32));
        keys.TakeMissed().Should().BeNull("it was taken");
        keys.WhyNot("a", sign, "../../x", AlipayWire.Utf8, Samples.Now).Should().Contain("not known");
        keys.TakeMissed().Should().BeNull("that is no serial");
    }

    [Theory]
    [InlineData("named in the field and signed with it", true, true)]
    [InlineData("named in the field and signed without it", true, false)]
    [InlineData("not named", false, false)]
    public void A_notification_is_verified_with_the_rails_certificate(string why, bool named, bool isSigned)
    {
        var fields = CallbackTests.PaidFields();
        var text = AlipaySigner.Join(fields.Where(field => field.Key != "sign_type"));
        if (named)
            fields["alipay_cert_sn"] = Serial;
        if (isSigned)
            text = AlipaySigner.Join(fields.Where(field => field.Key != "sign_type"));
        fields["sign"] = Samples.RailKey.Sign(text, AlipayWire.Utf8);
        var options = Samples.Options(Samples.WithCertificates);
        new AlipayCallbacks(options, AlipayPlatformKeys.Of(options)).Read(Samples.Callback(Samples.Form(fields, AlipayWire.Utf8)), Samples.Now)
            .Should().BeOfType<CallbackReading.OfCharge>(why);
    }

    [Fact]
    public async Task A_certificate_that_a_notification_named_is_fetched_for_its_next_delivery()
    {
        using var gateway = rail.SaysRaw(Download()).Gateway(WithoutRailCertificate);
        var fields = CallbackTests.PaidFields();
        fields["alipay_cert_sn"] = Serial;
        var notification = Samples.Notification(fields);
        gateway.ReadCallback(notification, Samples.Now).Should().BeOfType<CallbackReading.Rejected>("its certificate is not held");
        rail.Received.Should().BeEmpty("reading makes no call");

        using var fetcher = new AlipayCertificateFetcher(
            gateway, Samples.Options(WithoutRailCertificate), rail.Time, NullLogger<AlipayCertificateFetcher>.Instance);
        await fetcher.StartAsync(default);
        for (var i = 0; i < 500 && !gateway.PlatformKeys.Knows(Serial); i++)
            await Task.Delay(10);
        await fetcher.StopAsync(default);
        gateway.ReadCallback(notification, Samples.Now).Should().BeOfType<CallbackReading.OfCharge>();
    }

    private static void WithoutRailCertificate(AlipayOptions options)
    {
        Samples.WithCertificates(options);
        options.AlipayCertificatesPem.Clear();
    }

    private static AlipayPlatformKeys Keys() => AlipayPlatformKeys.Of(Samples.Options(WithoutRailCertificate));

    private static byte[] Download(string? pem = null)
    {
        var content = Convert.ToBase64String(AlipayWire.Utf8.GetBytes(pem ?? Samples.Vector("certificates.json").Text("alipay_cert_pem")));
        return AlipayWire.Utf8.GetBytes($$$"""
            {"alipay_open_app_alipaycert_download_response":{"code":"10000","alipay_cert_content":"{{{content}}}"},"sign":"not checked"}
            """);
    }

    /// <summary>A certificate of the rail's own key and names, signed by nobody we know.</summary>
    private static string Forge()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            "CN=Example Test Authority Class 2 R1, O=Example Test Pay, C=CN", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(
            Instant.FromUtc(2024, 1, 1, 0, 0).ToDateTimeOffset(), Instant.FromUtc(2044, 1, 1, 0, 0).ToDateTimeOffset());
        return certificate.ExportCertificatePem();
    }
}
