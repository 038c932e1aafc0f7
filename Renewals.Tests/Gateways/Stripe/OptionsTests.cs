using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Stripe;

namespace Renewals.Tests.Gateways.Stripe;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<StripeOptions>> Faults() => new()
    {
        { "AccountId", o => o.AccountId = "" },
        { "AccountId", o => o.AccountId = "acct_1:2" },
        { "SecretKey", o => o.SecretKey = "pk_test_TESTONLY" },
        { "SecretKey", o => o.SecretKey = "sk_test_with blank" },
        { "WebhookSecrets", o => o.WebhookSecrets.Clear() },
        { "WebhookSecrets:1", o => o.WebhookSecrets.Add("secret") },
        { "NotifyUrl", o => o.NotifyUrl = null },
        { "NotifyUrl", o => o.NotifyUrl = new("https://pay.example.com/x?y=1") },
        { "ReturnUrl", o => o.ReturnUrl = null },
        { "CancelUrl", o => o.CancelUrl = new("/x", UriKind.Relative) },
        { "BaseAddress", o => o.BaseAddress = new("https://api.stripe.com/v1") },
        { "SigningLifetime", o => o.SigningLifetime = Duration.FromHours(24) },
        { "SigningConsent", o => o.SigningConsent = Duration.FromHours(25) },
        { "CallbackTolerance", o => o.CallbackTolerance = Duration.FromMinutes(6) },
        { "ResendMargin", o => o.ResendMargin = Duration.Zero },
        { "MaxStatementBytes", o => o.MaxStatementBytes = 1 },
        { "Resilience:Retries", o => o.Resilience.Retries = 99 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_wrong_option_is_named(string field, Action<StripeOptions> change) =>
        new StripeOptionsCheck().Validate(null, Samples.Options(change)).Failures.Should().ContainSingle().Which.Should().StartWith($"Stripe:{field} ");

    [Fact]
    public void The_sample_options_are_valid() => new StripeOptionsCheck().Validate(null, Samples.Options()).Succeeded.Should().BeTrue();

    [Fact]
    public void The_key_decides_the_mode()
    {
        Samples.Options().LiveMode.Should().BeFalse();
        Samples.Options(o => o.SecretKey = "rk_live_TESTONLY").LiveMode.Should().BeTrue();
    }

    [Fact]
    public void The_rail_takes_the_same_order_once_for_a_day()
    {
        var traits = Samples.Options().Traits();
        (traits.Resend, traits.RemembersOrders, traits.AbsenceProof).Should().Be((Resend.SameOrder, Duration.FromHours(24), AbsenceProof.Query));
        Samples.Options().KeyIsTrustedFor.Should().Be(Duration.FromHours(23));
        Samples.Options(o => o.CallbackTolerance = Duration.FromMinutes(2)).Traits().CallbacksFreshFor.Should().Be(Duration.FromMinutes(2));
    }

    [Fact]
    public void An_account_is_registered_once()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddStripe(Configure);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredKeyedService<IPaymentGateway>($"stripe:{Samples.AccountId}").Should().BeSameAs(provider.GetRequiredService<IPaymentGateway>());
        FluentActions.Invoking(() => services.AddStripe(Configure)).Should().Throw<ArgumentException>().WithMessage($"*stripe:{Samples.AccountId}*");

        static void Configure(StripeOptions options)
        {
            var sample = Samples.Options();
            (options.AccountId, options.SecretKey, options.NotifyUrl, options.ReturnUrl) = (sample.AccountId, sample.SecretKey, sample.NotifyUrl, sample.ReturnUrl);
            options.WebhookSecrets.Clear();
            options.WebhookSecrets.Add(Samples.Secret);
        }
    }

    [Fact]
    public void The_library_may_repeat_nothing_by_itself() => StripeTransport.MaxNetworkRetries.Should().Be(0);
}
