using System.Runtime.Versioning;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>One member's year through the whole engine, in memory and on PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class YearOfAMemberTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_signs_once_renews_each_month_and_ends_with_the_agreement(bool inMemory)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        rail.Traits = rail.Traits with { Notice = new RailNoticeRule(2, 7), OpensAt = new(7, 0), ClosesAt = new(21, 50) };
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), time, rail);
        var id = await host.SignAsync();
        await host.SweepUntilAsync<Charged>(id, 13);
        await host.BookEqualsFoldAsync();

        var paid = await host.EventsAsync<Charged>(id);
        paid.Take(4).Select(charged => charged.FirstDay).Should().Equal(
            new LocalDate(2026, 1, 31), new LocalDate(2026, 2, 28), new LocalDate(2026, 3, 31), new LocalDate(2026, 4, 30));
        paid.Select(charged => charged.Amount.MinorUnits).Should().Equal([990, .. Enumerable.Repeat(2500L, 12)]);
        rail.Orders.Should().HaveCount(13).And.OnlyHaveUniqueItems(order => order.Number);
        rail.Notices.Should().HaveCount(12);

        (await host.Members.CancelAsync(id, "enough"))!.Status.Should().Be(SubscriptionStatus.Cancelled);
        await host.SweepAsync();
        (await host.FindAsync(id)).Agreement.Status.Should().Be(AgreementStatus.Terminated);
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task Cancelling_twice_is_no_error_and_cancelling_nobody_gives_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        await host.Members.CancelAsync(id, "enough");
        (await host.Members.CancelAsync(id, "enough again"))!.Status.Should().Be(SubscriptionStatus.Cancelled);
        (await host.EventsAsync<Cancelled>(id)).Should().ContainSingle();
        (await host.Members.CancelAsync(Samples.IdOf(9), "who")).Should().BeNull();
    }
}
