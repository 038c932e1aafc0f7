using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;

namespace Renewals.Tests.Gateways.Alipay;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<AlipayOptions>> Faults() => new()
    {
        { "SellerId", o => o.SellerId = "" },
        { "SellerId", o => o.SellerId = "2099000000000101" },
        { "AppId", o => o.AppId = "app" },
        { "AppPrivateKey", o => o.AppPrivateKey = "" },
        { "AppPrivateKey", o => o.AppPrivateKey = Samples.Key("app", "public_spki_base64") },
        { "AlipayPublicKey", o => o.AlipayPublicKey = "x" },
        { "AlipayPublicKey", o => o.AlipayPublicKey = Samples.Key("alipay", "private_pkcs8_base64") },
        { "AlipayPublicKey", o => { var key = o.AlipayPublicKey; Samples.WithCertificates(o); o.AlipayPublicKey = key; } },
        { "AppCertificatePem", o => o.RootCertificatesPem = "x" },
        { "AppCertificatePem", o => { Samples.WithCertificates(o); o.AppCertificatePem = "x"; } },
        { "RootCertificatesPem", o => { Samples.WithCertificates(o); o.RootCertificatesPem = ""; } },
        { "AlipayCertificatesPem:1", o => { Samples.WithCertificates(o); o.AlipayCertificatesPem.Add("x"); } },
        { "AesKey", o => o.AesKey = "AAAA" },
        { "AppAuthToken", o => o.AppAuthToken = "t" },
        { "AuthAppId", o => (o.AppAuthToken, o.AuthAppId) = ("t", "x") },
        { "Gateway", o => o.Gateway = new Uri("https://openapi.alipay.com/gateway.do?charset=gbk") },
        { "NotifyUrl", o => o.NotifyUrl = null },
        { "NotifyUrl", o => o.NotifyUrl = new Uri("/alipay", UriKind.Relative) },
        { "ReturnUrl", o => o.ReturnUrl = new Uri("myapp://back") },
        { "Product", o => o.Product = (AlipayProduct)7 },
        { "BrowserPage", o => o.BrowserPage = (AlipayBrowserPage)7 },
        { "SigningLifetime", o => o.SigningLifetime = Duration.FromHours(25) },
        { "PlanWindowDays", o => o.PlanWindowDays = 6 },
        { "PlanRetryDays", o => (o.PlanWindowDays, o.PlanRetryDays) = (3, 4) },
        { "OrderLifetime", o => o.OrderLifetime = Duration.FromDays(16) },
        { "RemembersOrders", o => o.RemembersOrders = Duration.Zero },
        { "SettleDelay", o => o.SettleDelay = Duration.Zero },
        { "ClosesAt", o => o.ClosesAt = LocalTime.MaxValue },
        { "ClosesAt", o => o.OpensAt = o.ClosesAt },
        { "SigningConsent", o => o.SigningConsent = Duration.FromHours(25) },
        { "NotificationLifetime", o => o.NotificationLifetime = Duration.FromDays(4) },
        { "StatementGrace", o => o.StatementGrace = Duration.FromDays(-1) },
        { "StatementTimeout", o => o.StatementTimeout = TimeSpan.Zero },
        { "MaxStatementBytes", o => o.MaxStatementBytes = 1 },
        { "MaxStatementLine", o => o.MaxStatementLine = 1 },
        { "MaxDownloadBytes", o => o.MaxDownloadBytes = 1 },
        { "Resilience:Retries", o => o.Resilience.Retries = 99 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_wrong_option_is_named(string field, Action<AlipayOptions> change)
    {
        var result = new AlipayOptionsCheck().Validate(null, Samples.Options(change));
        result.Failures.Should().ContainSingle().Which.Should().StartWith($"Alipay:{field} ");
    }

    [Fact]
    public void The_sample_options_are_valid_in_both_modes()
    {
        new AlipayOptionsCheck().Validate(null, Samples.Options()).Succeeded.Should().BeTrue();
        new AlipayOptionsCheck().Validate(null, Samples.Options(Samples.WithCertificates)).Succeeded.Should().BeTrue();
        new AlipayOptionsCheck().Validate(null, Samples.Options(o => o.AppPrivateKey = Samples.Key("app", "private_pkcs1_base64"))).Succeeded
            .Should().BeTrue();
    }

    [Fact]
    public void The_traits_are_the_rails()
    {
        var traits = Samples.Options().Traits();
        (traits.Resend, traits.AbsenceProof, traits.Notice, traits.ChargeDelay)
            .Should().Be((Resend.SameOrder, AbsenceProof.Query, null, Duration.Zero));
        traits.CallTimeout.Should().Be(Duration.FromSeconds(20));
        traits.CanAskForAgreements.Should().BeTrue();
        traits.ZoneId.Should().Be("Asia/Shanghai");
        Samples.Options(o => (o.PlanWindowDays, o.PlanRetryDays) = (3, 1)).Traits().Plan.Should().Be(new RailPlanRule(3, 1, 28));
    }

    /// <summary>Where the rail's own papers disagree or are silent, the choice is an option; these are the safe ones.</summary>
    [Fact]
    public void What_the_rail_leaves_open_has_a_named_default()
    {
        var (options, traits) = (new AlipayOptions(), Samples.Options().Traits());
        traits.Plan.Should().Be(new RailPlanRule(WindowDays: 5, RetryDays: 2, LastDayOfMonth: 28),
            "a due day two days early lies in a window of three days too");
        traits.OrderLifetime.Should().Be(Duration.FromHours(2));
        traits.RemembersOrders.Should().Be(Duration.FromDays(90), "our own bound");
        traits.SettleDelay.Should().Be(Duration.FromMinutes(5));
        (traits.OpensAt, traits.ClosesAt).Should().Be((LocalTime.Midnight, new LocalTime(23, 30)));
        traits.SigningConsent.Should().Be(Duration.FromHours(12));
        traits.StatementReadyAt.Should().Be(new LocalTime(10, 0));
        options.StatementGrace.Should().Be(Duration.FromHours(24));
        options.NotificationLifetime.Should().Be(Duration.FromHours(26), "the rail delivers for 25 hours");
        options.SigningLifetime.Should().Be(Duration.FromHours(2));
        options.Product.Should().Be(AlipayProduct.MerchantDeduction);
        options.BrowserPage.Should().Be(AlipayBrowserPage.WalletLink);
        options.Gateway.Should().Be(new Uri("https://openapi.alipay.com/gateway.do"));
    }

    [Fact]
    public void Each_account_is_registered_plainly_and_by_its_name()
    {
        using var provider = new ServiceCollection()
            .AddAlipay(Copy).AddAlipay(o => { Copy(o); o.SellerId = "2088000000000102"; }).BuildServiceProvider();
        provider.GetServices<IPaymentGateway>().Select(gateway => gateway.Account.ToString())
            .Should().Equal("alipay:2088000000000101", "alipay:2088000000000102");
        provider.GetRequiredKeyedService<IPaymentGateway>("alipay:2088000000000102").Account.Number.Should().Be("2088000000000102");
        FluentActions.Invoking(() => new ServiceCollection().AddAlipay(Copy).AddAlipay(Copy)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task A_host_with_wrong_options_does_not_start()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAlipay(o => { Copy(o); o.AppPrivateKey = ""; });
        using var host = builder.Build();
        (await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<OptionsValidationException>())
            .Which.Message.Should().Contain("Alipay:AppPrivateKey");
    }

    private static void Copy(AlipayOptions target)
    {
        var source = Samples.Options();
        (target.SellerId, target.AppId) = (source.SellerId, source.AppId);
        (target.AppPrivateKey, target.AlipayPublicKey) = (source.AppPrivateKey, source.AlipayPublicKey);
        target.NotifyUrl = source.NotifyUrl;
    }
}
