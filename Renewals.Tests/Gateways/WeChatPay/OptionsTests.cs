using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways.WeChatPay;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<WeChatPayOptions>> Faults() => new()
    {
        { "MchId", o => o.MchId = "" },
        { "MchId", o => o.MchId = "12a" },
        { "AppId", o => o.AppId = "wx-1" },
        { "ApiV2Key", o => o.ApiV2Key = "short" },
        { "ApiV3Key", o => o.ApiV3Key = new string('密', 32) },
        { "MerchantSerialNo", o => o.MerchantSerialNo = "xyz" },
        { "MerchantPrivateKeyPem", o => o.MerchantPrivateKeyPem = "" },
        { "MerchantPrivateKeyPem", o => o.MerchantPrivateKeyPem = Samples.Vector("v3-request-sign.json").Text("merchant_public_key_pem") },
        { "NotifyUrl", o => o.NotifyUrl = null },
        { "NotifyUrl", o => o.NotifyUrl = new Uri("https://pay.example.test/wx?x=1") },
        { "NotifyUrl", o => o.NotifyUrl = new Uri("/wx", UriKind.Relative) },
        { "BaseAddress", o => o.BaseAddress = new Uri("https://api.mch.weixin.qq.com/v3") },
        { "ServerAddress", o => o.ServerAddress = "here" },
        { "SignType", o => o.SignType = (WeChatPaySignType)7 },
        { "NoticeMode", o => o.NoticeMode = (WeChatPayNoticeMode)7 },
        { "RefundInterface", o => o.RefundInterface = (WeChatPayRefundInterface)7 },
        { "ClientCertificate", o => o.RefundInterface = WeChatPayRefundInterface.V2WithCertificate },
        { "DeductDurationDays", o => o.DeductDurationDays = 8 },
        { "ClosesAt", o => o.ClosesAt = new LocalTime(22, 1) },
        { "ClosesAt", o => o.OpensAt = new LocalTime(6, 0) },
        { "SigningConsent", o => o.SigningConsent = Duration.FromHours(13) },
        { "StatementTimeout", o => o.StatementTimeout = TimeSpan.Zero },
        { "MaxStatementBytes", o => o.MaxStatementBytes = 1 },
        { "MaxStatementLine", o => o.MaxStatementLine = 1 },
        { "Resilience:Retries", o => o.Resilience.Retries = 99 },
        { "PlatformCertificatesPem:1", o => o.PlatformCertificatesPem.Add("x") },
        { "PlatformPublicKeysPem:PUB_KEY_ID_1", o => o.PlatformPublicKeysPem["PUB_KEY_ID_1"] = "x" },
        { "DownloadPlatformCertificates", o => { o.PlatformCertificatesPem.Clear(); o.DownloadPlatformCertificates = false; } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_wrong_option_is_named(string field, Action<WeChatPayOptions> change)
    {
        var result = new WeChatPayOptionsCheck().Validate(null, Samples.Options(change));
        result.Failures.Should().ContainSingle().Which.Should().StartWith($"WeChatPay:{field} ");
    }

    [Fact]
    public void The_sample_options_are_valid() => new WeChatPayOptionsCheck().Validate(null, Samples.Options()).Succeeded.Should().BeTrue();

    [Fact]
    public void The_notice_mode_decides_the_traits()
    {
        var announced = Samples.Options().Traits();
        announced.Notice.Should().Be(new RailNoticeRule(2, 7));
        (announced.OpensAt, announced.ClosesAt, announced.ChargeDelay).Should().Be((new LocalTime(7, 0), new LocalTime(21, 50), Duration.Zero));
        (announced.Resend, announced.AbsenceProof, announced.RemembersOrders).Should().Be((Resend.SameOrder, AbsenceProof.Query, Duration.FromDays(30)));
        (announced.SettleDelay, announced.SigningConsent).Should().Be((Duration.FromMinutes(5), Duration.FromHours(11.5)));
        announced.CallTimeout.Should().Be(Duration.FromSeconds(20));

        var waiting = Samples.Options(o => o.NoticeMode = WeChatPayNoticeMode.TwentyFourHours).Traits();
        waiting.Notice.Should().BeNull();
        (waiting.OpensAt, waiting.ChargeDelay).Should().Be((LocalTime.Midnight, Duration.FromHours(24)));
        waiting.ClosesAt.Should().BeGreaterThan(new LocalTime(23, 59, 59));
        Samples.Options(o => o.DeductDurationDays = 3).Traits().Notice.Should().Be(new RailNoticeRule(2, 3));
    }

    [Fact]
    public void Each_account_is_registered_plainly_and_by_its_name()
    {
        using var provider = new ServiceCollection()
            .AddWeChatPay(Copy).AddWeChatPay(o => { Copy(o); o.MchId = "1900000110"; }).BuildServiceProvider();
        provider.GetServices<IPaymentGateway>().Select(gateway => gateway.Account.ToString()).Should().Equal("wechat:1900000109", "wechat:1900000110");
        provider.GetRequiredKeyedService<IPaymentGateway>("wechat:1900000110").Account.Number.Should().Be("1900000110");
        FluentActions.Invoking(() => new ServiceCollection().AddWeChatPay(Copy).AddWeChatPay(Copy)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task A_rail_is_not_sent_the_trace_of_a_call()
    {
        List<string> headers = [];
        await using var rail = await Renewals.Host.Sandbox.LoopbackServer.StartAsync(
            0, routes => Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(routes, "/", context =>
            {
                headers.AddRange(context.Request.Headers.Keys);
                return Task.CompletedTask;
            }), default);
        await using var provider = new ServiceCollection().AddWeChatPay(Copy).BuildServiceProvider();
        using var span = new System.Diagnostics.Activity("a call").Start();
        using (var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("wechat:1900000109"))
            (await http.GetAsync(rail.Address)).IsSuccessStatusCode.Should().BeTrue();
        headers.Should().Contain("Host").And.NotContain(["traceparent", "tracestate", "baggage", "Correlation-Context"]);

        // … as it would be by an ordinary client, such as the notifier's.
        using (var http = new HttpClient())
            await http.GetAsync(rail.Address);
        headers.Should().Contain("traceparent");
    }

    [Fact]
    public async Task A_host_with_wrong_options_does_not_start()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddWeChatPay(o => { Copy(o); o.ApiV2Key = ""; });
        using var host = builder.Build();
        (await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<OptionsValidationException>())
            .Which.Message.Should().Contain("WeChatPay:ApiV2Key");
    }

    [Fact]
    public void A_public_key_and_certificates_serve_side_by_side_and_the_key_is_asked_for()
    {
        var pem = Samples.Vector("v3-notify.json").Text("platform_public_key_pem");
        var keys = WeChatPayPlatformKeys.Of(Samples.Options(o => o.PlatformPublicKeysPem["PUB_KEY_ID_0111"] = pem));
        keys.Count.Should().Be(2);
        keys.Preferred.Should().Be("PUB_KEY_ID_0111");
        var answer = Samples.Vector("v3-response-204.json").Map("headers");
        var headers = WeChatPaySignedHeaders.TryRead(name => answer[name])!;
        var now = Instant.FromUnixTimeSeconds(long.Parse(headers.Timestamp));
        keys.WhyNot(headers, [], now).Should().BeNull();
        keys.WhyNot(headers with { Serial = "PUB_KEY_ID_0111" }, [], now).Should().BeNull("it is the same key under another name");
        keys.TakeMissed().Should().BeFalse();
        keys.WhyNot(headers with { Serial = "PUB_KEY_ID_0222" }, [], now).Should().Contain("not known");
        keys.TakeMissed().Should().BeTrue();
        keys.TakeMissed().Should().BeFalse("it was taken");
    }

    [Fact]
    public void A_certificate_verifies_only_inside_its_own_time()
    {
        using var certificate = X509Certificate2.CreateFromPem(Samples.Vector("v3-notify.json").Text("platform_certificate_pem"));
        var key = WeChatPayPlatformKey.TryFromCertificate(Samples.Vector("v3-notify.json").Text("platform_certificate_pem"))!;
        key.ValidFrom.Should().Be(Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime()));
        key.IsValidAt(key.ValidFrom!.Value).Should().BeTrue();
        key.IsValidAt(key.ValidFrom!.Value - Duration.Epsilon).Should().BeFalse();
        key.IsValidAt(key.ValidUntil!.Value).Should().BeFalse();

        using var platformKey = System.Security.Cryptography.RSA.Create();
        platformKey.ImportFromPem(Samples.Vector("v3-notify.json").Text("platform_private_key_pem_TEST_ONLY"));
        var late = key.ValidUntil!.Value + Duration.FromSeconds(1);
        var headers = WeChatPaySignedHeaders.Sign(platformKey, key.Serial, late.ToUnixTimeSeconds().ToString(), "n", []);
        new WeChatPayPlatformKeys([key]).WhyNot(headers, [], late).Should().Contain("not in force");
    }

    private static void Copy(WeChatPayOptions target)
    {
        var source = Samples.Options();
        (target.MchId, target.AppId, target.ApiV2Key, target.ApiV3Key) = (source.MchId, source.AppId, source.ApiV2Key, source.ApiV3Key);
        (target.MerchantSerialNo, target.MerchantPrivateKeyPem) = (source.MerchantSerialNo, source.MerchantPrivateKeyPem);
        target.NotifyUrl = source.NotifyUrl;
    }
}
