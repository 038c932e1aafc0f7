using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>The quick look ahead over many memberships says what the real decisions say of each.</summary>
public sealed class OutlookTests
{
    private static readonly Duration Ahead = Duration.FromDays(200);

    public static TheoryData<string, int> Lives => new()
    {
        { "pays", 6 }, { "is announced", 6 }, { "changes plan", 6 }, { "changes interval", 1 }, { "is paused for a while", 4 }, { "is declined", 6 }, { "cancels", 0 },
    };

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task It_has_the_charges_that_are_foreseen(string life, int least)
    {
        await using var host = await StartAsync();
        var id = await host.SignAsync();
        await LiveAsync(host, id, life);
        var s = await host.FindAsync(id);
        var now = Instant.FromDateTimeOffset(host.Time.GetUtcNow());
        var foreseen = (await host.Members.PreviewAsync(id, 24))!.Where(charge => charge.MoneyFrom < now + Ahead).ToList();
        var outlook = Outlook.Of(s, now, now + Ahead).ToList();
        outlook.Should().HaveCountGreaterThanOrEqualTo(least);
        if (life == "changes interval")
            outlook.Should().ContainSingle("what comes after the first period of another length is not known yet").Which.Amount.Should().Be(foreseen[0].Amount);
        else
            outlook.Select(charge => charge.Amount).Should().Equal(foreseen.Select(charge => charge.Amount));
        outlook.Zip(foreseen).Where(pair => Distance(pair.First.At, pair.Second.MoneyFrom) > Duration.FromDays(1)).Should().BeEmpty("the days are the same, give or take the rail's hours");
    }

    [Fact]
    public async Task Who_is_parked_is_not_counted_on()
    {
        await using var host = await StartAsync();
        var id = await host.SignAsync();
        await host.Members.ParkAsync(id, "ann", "look");
        var now = Instant.FromDateTimeOffset(host.Time.GetUtcNow());
        Outlook.Of(await host.FindAsync(id), now, now + Ahead).Should().BeEmpty();
    }

    private static Duration Distance(Instant one, Instant other) => one > other ? one - other : other - one;

    private static Task<TestHost> StartAsync()
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        return TestHost.StartAsync(null, time, rail, options =>
        {
            options.Plans.Add(TestHost.Monthly(rail) with { Id = "gold", Subject = "Gold", Price = Money.Cny(5000), FirstPeriodPrice = null });
            options.Plans.Add(TestHost.Monthly(rail) with { Id = "quarter", Subject = "Quarter", Interval = BillingInterval.Quarterly, Price = Money.Cny(6000), FirstPeriodPrice = null });
        });
    }

    private static async Task LiveAsync(TestHost host, SubscriptionId id, string life)
    {
        switch (life)
        {
            case "is announced":
                await host.SweepUntilAsync<Announced>(id);
                break;
            case "changes plan":
                await host.Members.ChangeAsync(id, new("c", "gold", "ann", "asked"));
                break;
            case "changes interval":
                await host.Members.ChangeAsync(id, new("c", "quarter", "ann", "asked"));
                break;
            case "is paused for a while":
                await host.Members.PauseAsync(id, null, new LocalDate(2026, 4, 15), movesDays: false, "ann", "away");
                break;
            case "is declined":
                host.Rail.OnCharge = _ => Task.FromResult(new Core.Charging.ChargeAnswer(new Core.Charging.ChargeOutcome.Declined(Core.Charging.DeclineReason.InsufficientFunds, "NOTENOUGH")));
                await host.SweepUntilAsync<Failed>(id);
                break;
            case "cancels":
                await host.Members.CancelAsync(id, "enough");
                break;
            default:
                life.Should().Be("pays");
                break;
        }
    }
}
