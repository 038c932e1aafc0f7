using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Tests.Unit;

/// <summary>Amounts of different currencies do not mix, and nothing wraps round.</summary>
public class MoneyTests
{
    [Fact]
    public void Amounts_of_one_currency_add_subtract_and_compare()
    {
        (Money.Cny(1) + Money.Cny(2)).Should().Be(Money.Cny(3));
        (Money.Cny(1) - Money.Cny(2)).Should().Be(Money.Cny(-1));
        (Money.Cny(1) < Money.Cny(2)).Should().BeTrue();
        (Money.Cny(2) >= Money.Cny(2)).Should().BeTrue();
        Money.Cny(2500).ToString().Should().Be("CNY 2500");
    }

    [Fact]
    public void Amounts_of_two_currencies_do_not_mix()
    {
        FluentActions.Invoking(() => Money.Cny(1) + new Money(1, "USD")).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => Money.Cny(1) <= new Money(1, "USD")).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void A_sum_that_does_not_fit_is_an_error() =>
        FluentActions.Invoking(() => Money.Cny(long.MaxValue) + Money.Cny(1)).Should().Throw<OverflowException>();

    [Fact]
    public void A_plan_keeps_its_prices_when_it_is_resolved()
    {
        var plan = new Plan
        {
            Id = "monthly", Subject = "m", Interval = BillingInterval.Monthly, Price = Money.Cny(2500), FirstPeriodPrice = Money.Cny(1),
            Templates = new Dictionary<MerchantAccount, string>(),
        };
        var terms = plan.Resolve(Core.Calendar.MarketRules.MainlandChina, Core.Charging.DunningPolicy.Standard);
        terms.PriceOf(1).Should().Be(Money.Cny(1));
        terms.PriceOf(2).Should().Be(Money.Cny(2500));
        (plan with { FirstPeriodPrice = null }).Resolve(terms.Law, terms.Dunning).PriceOf(1).Should().Be(Money.Cny(2500));
    }

    [Fact]
    public void A_merchant_account_reads_what_it_writes_and_refuses_the_rest()
    {
        MerchantAccount.Parse(Scenario.Account.ToString()).Should().Be(Scenario.Account);
        foreach (var text in new[] { "", "wechat", "wechat:", ":1", "a:b:c" })
            FluentActions.Invoking(() => MerchantAccount.Parse(text)).Should().Throw<FormatException>();
    }

    [Fact]
    public void An_interval_without_length_is_refused() =>
        FluentActions.Invoking(() => default(BillingInterval).After(new(2026, 1, 1), 1)).Should().Throw<InvalidOperationException>();
}
