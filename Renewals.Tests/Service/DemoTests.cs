using Renewals.Host.Demo;
using Renewals.Host.Demo.Rails;

namespace Renewals.Tests.Service;

/// <summary>The main job, small: the real rail protocol over HTTP, real PostgreSQL, months on the movable clock.</summary>
public class DemoTests
{
    private static readonly DemoOptions Small = new(Subscribers: 26, Months: 3, Seed: 7);

    [Fact]
    public async Task The_same_seed_gives_the_same_figures_and_no_defect()
    {
        var first = await RunAsync(Small);
        var second = await RunAsync(Small);

        first.IsClean.Should().BeTrue();
        first.Charged.Should().BeGreaterThan(40);
        first.Rails.Keys.Should().Equal("wechat", "alipay", "unionpay");
        first.Rails.Values.Should().OnlyContain(rail => rail.Charged > 0, "every rail takes part");
        first.Recovered.Should().BePositive("declines that recover must occur in the sample");
        first.Notices.Should().BeGreaterThanOrEqualTo(first.Charged);
        first.PeriodsDue.Should().Be(first.Charged + first.LostToDunning + first.Cancelled + first.Open);
        (second with { Seconds = 0 }).Should().BeEquivalentTo(first with { Seconds = 0 });
    }

    [Fact]
    public async Task Five_members_live_an_offer_an_upgrade_a_pause_a_price_rise_and_a_second_agreement_on_the_real_rails_and_nothing_is_wrong()
    {
        var statement = await RunAsync(new(Subscribers: 14, Months: 6, Seed: 7) { Rails = ["wechat", "alipay"] });

        statement.IsClean.Should().BeTrue();
        statement.Stories.Select(story => story.Title.Split(' ')[1]).Should().Equal("months", "upgrade", "pause", "price", "second");
        statement.Stories[0].Lines.Count(line => line.Contains("¥9.90 paid", StringComparison.Ordinal)).Should().Be(3);
        statement.Stories[0].Lines.Should().Contain(line => line.Contains("¥25.00 paid", StringComparison.Ordinal));
        statement.Stories[1].Lines.Should().Contain(line => line.Contains("comes with the next charge", StringComparison.Ordinal))
            .And.Contain(line => line.Contains("¥40.00 paid", StringComparison.Ordinal));
        statement.Stories[2].Lines.Should().Contain(line => line.Contains("Paused from", StringComparison.Ordinal));
        statement.Stories[2].Lines.Count(line => line.Contains("¥25.00 paid", StringComparison.Ordinal)).Should().BeLessThan(5, "two months are passed over");
        statement.Stories[4].Lines.SkipWhile(line => !line.Contains("Charges go through", StringComparison.Ordinal)).Count(line => line.Contains("¥25.00 paid", StringComparison.Ordinal))
            .Should().BeGreaterThan(1, "renewals go on under the second agreement");
        statement.Stories[3].Lines.Should().Contain(line => line.Contains("You agreed", StringComparison.Ordinal)).And.Contain(line => line.Contains("¥28.00 paid", StringComparison.Ordinal));
    }

    internal static Task<DemoStatement> RunAsync(DemoOptions options) => new DemoRun(options, (_, _) => { }).RunAsync(CancellationToken.None);
}
