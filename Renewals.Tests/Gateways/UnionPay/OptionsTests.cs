using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;

namespace Renewals.Tests.Gateways.UnionPay;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<UnionPayOptions>> Faults() => new()
    {
        { "MerId", o => o.MerId = "" },
        { "MerId", o => o.MerId = "70000000000000-" },
        { "GatewayAddress", o => o.GatewayAddress = new("https://gateway.95516.com/gateway/") },
        { "FileAddress", o => o.FileAddress = new("https://filedownload.95516.com/?a=b") },
        { "NotifyUrl", o => o.NotifyUrl = null },
        { "NotifyUrl", o => o.NotifyUrl = new("https://merchant.example/notify?tenant=7") },
        { "ReturnUrl", o => o.ReturnUrl = null },
        { "Generation", o => o.Generation = (UnionPayGeneration)9 },
        { "ChannelType", o => o.ChannelType = "05" },
        { "EstablishBizType", o => o.EstablishBizType = "000902" },
        { "RefundBizType", o => o.RefundBizType = "000902" },
        { "Version", o => o.Version = "5.2.0" },
        { "Encoding", o => o.Encoding = "GB18030" },
        { "SignMethod", o => o.SignMethod = (UnionPaySignMethod)2 },
        { "SignMethod", o => { Samples.WithSecureKey(o, UnionPaySignMethod.Sha256); o.Version = UnionPaySigner.Version500; } },
        { "SecureKey", o => { Samples.WithSecureKey(o, UnionPaySignMethod.Sm3); o.SecureKey = ""; } },
        { "SigningKeyStore", o => o.SigningKeyStore = [] },
        { "SigningKeyStore", o => o.SigningKeyPassword = "000001" },
        { "MiddleCertificatePem", o => o.MiddleCertificatePem = "" },
        { "RootCertificatePem", o => o.RootCertificatePem = "x" },
        { "MiddleCertificatePem", o => o.MiddleCertificatePem = Samples.Text("certs/merchant_sign.cer") },
        { "PlatformCertificatesPem", o => o.Version = UnionPaySigner.Version500 },
        { "PlatformCertificatesPem:1", o => { Samples.WithVersion500(o); o.PlatformCertificatesPem.Add("x"); } },
        { "PlatformCertificatesPem:1", o => { Samples.WithVersion500(o); Samples.WithVersion500(o); } },
        { "EncryptionCertificatePem", o => o.EncryptionCertificatePem = "x" },
        { "UpdateEncryptionCertificate", o => (o.UpdateEncryptionCertificate, o.EncryptionCertificatePem) = (true, "") },
        { "UpdateEncryptionCertificate", o => { Samples.WithSecureKey(o, UnionPaySignMethod.Sm3); o.UpdateEncryptionCertificate = true; } },
        { "ValidMonths", o => o.ValidMonths = 1000 },
        { "CollectionsPerUnit", o => o.CollectionsPerUnit = 0 },
        { "SigningConsent", o => o.SigningConsent = Duration.FromDays(2) },
        { "ClosesAt", o => o.ClosesAt = o.OpensAt },
        { "RemembersOrders", o => o.RemembersOrders = Duration.Zero },
        { "SettleDelay", o => o.SettleDelay = Duration.Zero },
        { "StatementGrace", o => o.StatementGrace = Duration.FromDays(8) },
        { "StatementTimeout", o => o.StatementTimeout = TimeSpan.Zero },
        { "MaxStatementBytes", o => o.MaxStatementBytes = 1 },
        { "Resilience:Retries", o => o.Resilience.Retries = 99 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_wrong_option_is_named(string field, Action<UnionPayOptions> change)
    {
        var result = new UnionPayOptionsCheck().Validate(null, Samples.Options(change));
        result.Failures.Should().ContainSingle().Which.Should().StartWith($"UnionPay:{field} ");
    }

    [Fact]
    public void The_sample_options_are_valid_with_every_signature()
    {
        Action<UnionPayOptions>[] ways =
        [
            _ => { }, o => Samples.WithSecureKey(o, UnionPaySignMethod.Sha256), o => Samples.WithSecureKey(o, UnionPaySignMethod.Sm3), Samples.WithVersion500,
            o => (o.Generation, o.UpdateEncryptionCertificate) = (UnionPayGeneration.A, true),
        ];
        foreach (var way in ways)
            new UnionPayOptionsCheck().Validate(null, Samples.Options(way)).Failures.Should().BeNullOrEmpty();
    }

    [Fact]
    public void The_traits_are_the_rails()
    {
        var traits = Samples.Options().Traits();
        (traits.Resend, traits.AbsenceProof, traits.Notice, traits.ChargeDelay).Should().Be((Resend.Never, AbsenceProof.TwoStatements, null, Duration.Zero));
        (traits.CallTimeout, traits.ZoneId, traits.Plan, traits.OrderLifetime).Should().Be((Duration.FromSeconds(20), "Asia/Shanghai", null, null));
        (traits.StatementDayEnds, traits.StatementReadyAt).Should().Be((new LocalTime(23, 0), new LocalTime(9, 0)));
        traits.CanAskForAgreements.Should().BeFalse("no query for an entrust was found for B and C");
        Samples.Options(o => o.Generation = UnionPayGeneration.A).Traits().CanAskForAgreements.Should().BeTrue();
    }

    /// <summary>Where the rail's own papers disagree or are silent, the choice is an option; these are the safe ones.</summary>
    [Fact]
    public void What_the_rail_leaves_open_has_a_named_default()
    {
        var options = new UnionPayOptions();
        options.Generation.Should().Be(UnionPayGeneration.C);
        (options.Version, options.SignMethod, options.Encoding).Should().Be(("5.1.0", UnionPaySignMethod.Rsa, "UTF-8"));
        (options.EstablishBizType, options.RefundBizType).Should().Be(("000501", ""));
        (options.StrictOwner, options.AllowSha1Chain, options.DebitCardsOnly, options.VoidSameDay, options.UpdateEncryptionCertificate)
            .Should().Be((true, false, true, false, false));
        (options.ValidMonths, options.CollectionsPerUnit).Should().Be((120, 2));
        (options.RemembersOrders, options.SettleDelay).Should().Be((Duration.FromDays(7), Duration.FromMinutes(10)));
        options.StatementGrace.Should().Be(Duration.FromHours(24), "a late file is not taken for a day without business");
        options.GatewayAddress.Should().Be(new Uri("https://gateway.95516.com"));
    }

    [Fact]
    public void Each_account_is_registered_plainly_and_by_its_name()
    {
        using var provider = new ServiceCollection()
            .AddUnionPay(Copy).AddUnionPay(o => { Copy(o); o.MerId = "700000000000002"; }).BuildServiceProvider();
        provider.GetServices<IPaymentGateway>().Select(gateway => gateway.Account.ToString())
            .Should().Equal("unionpay:700000000000001", "unionpay:700000000000002");
        provider.GetRequiredKeyedService<IPaymentGateway>("unionpay:700000000000002").Account.Number.Should().Be("700000000000002");
        FluentActions.Invoking(() => new ServiceCollection().AddUnionPay(Copy).AddUnionPay(Copy)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task A_host_with_wrong_options_does_not_start()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnionPay(o => { Copy(o); o.SigningKeyStore = []; });
        using var host = builder.Build();
        (await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<OptionsValidationException>())
            .Which.Message.Should().Contain("UnionPay:SigningKeyStore");
    }

    private static void Copy(UnionPayOptions target)
    {
        var source = Samples.Options();
        (target.MerId, target.SigningKeyStore, target.SigningKeyPassword) = (source.MerId, source.SigningKeyStore, source.SigningKeyPassword);
        (target.MiddleCertificatePem, target.RootCertificatePem) = (source.MiddleCertificatePem, source.RootCertificatePem);
        (target.NotifyUrl, target.ReturnUrl) = (source.NotifyUrl, source.ReturnUrl);
    }
}
