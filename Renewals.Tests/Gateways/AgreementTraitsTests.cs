using Renewals.Gateways.Alipay;
using Renewals.Gateways.Stripe;
using Renewals.Gateways.UnionPay;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Tests.Gateways;

/// <summary>What each rail's agreement fixes: the columns of the table of changes in docs/membership.md.</summary>
public sealed class AgreementTraitsTests
{
    [Fact]
    public void WeChat_Pay_and_Alipay_sign_interval_and_ceiling_UnionPay_C_the_interval_and_the_others_neither()
    {
        (bool Interval, bool Ceiling) Of(Core.Calendar.RailTraits traits) => (traits.FixesInterval, traits.FixesCeiling);
        Of(new WeChatPayOptions().Traits()).Should().Be((true, true));
        Of(new AlipayOptions().Traits()).Should().Be((true, true));
        Of(new UnionPayOptions { Generation = UnionPayGeneration.C }.Traits()).Should().Be((true, false));
        Of(new UnionPayOptions { Generation = UnionPayGeneration.A }.Traits()).Should().Be((false, false));
        Of(new UnionPayOptions { Generation = UnionPayGeneration.B }.Traits()).Should().Be((false, false));
        Of(new StripeOptions().Traits()).Should().Be((false, false));
    }
}
