using Renewals.Host.Demo;

namespace Renewals.Tests.Service;

/// <summary>That the demo's figures can fail: each planted defect, in a demo of its own.</summary>
public class PlantedDemoTests
{
    [Theory]
    [InlineData(Plant.BankBooksTwice, 1, 0, 0)]
    [InlineData(Plant.BankForgets, 0, 1, 0)]
    [InlineData(Plant.NoticeLate, 0, 0, 1)]
    [InlineData(Plant.NoticeDropped, 0, 0, 1)]
    [InlineData(Plant.AmountAbove, 0, 0, 1)]
    [InlineData(Plant.EventLost, 0, 1, 0)]
    public async Task A_planted_defect_shows_in_its_own_figure_and_in_no_other(object plant, int paidTwice, int mismatched, int unannounced)
    {
        var statement = await DemoTests.RunAsync(new(Subscribers: 6, Months: 2, Seed: 7, (Plant)plant) { Rails = ["wechat"] });

        statement.IsClean.Should().BeFalse();
        (statement.PaidTwice > 0, statement.Mismatched > 0, statement.Unannounced > 0).Should().Be((paidTwice > 0, mismatched > 0, unannounced > 0));
    }
}
