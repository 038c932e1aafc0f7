using System.Runtime.Versioning;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>The engine in front of a rail that keeps charge dates of its own and takes nothing outside its window.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class OwnDatesTests(PostgresFixture postgres)
{
    private static readonly RailPlanRule Rule = new(5, 2, 28);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_year_of_renewals_stays_inside_the_rails_windows(bool inMemory)
    {
        var time = TestHost.Clock();
        var dates = new DatedRail(time);
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), time, dates.Rail);
        var id = await host.SignAsync();
        await host.SweepUntilAsync<Charged>(id, 13);
        dates.Refused.Should().Be(0, "no order may reach the rail outside its window");
        dates.Rail.Signings.Single().Plan.FirstChargeOn.Should().Be(new LocalDate(2026, 2, 2), "signed on 31 January: two days later, inside the 28 days");
        (await host.EventsAsync<Charged>(id)).Select(charged => charged.FirstDay).Take(4).Should().Equal(
            new LocalDate(2026, 1, 31), new LocalDate(2026, 2, 28), new LocalDate(2026, 3, 31), new LocalDate(2026, 4, 30));
        (await host.EventsAsync<AnchorMoved>(id)).Should().BeEmpty();
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task After_an_outage_the_missed_date_is_moved_once_and_the_renewal_charged()
    {
        var time = TestHost.Clock();
        var dates = new DatedRail(time);
        await using var host = await TestHost.StartAsync(await postgres.CreateDatabaseAsync(), time, dates.Rail);
        var id = await host.SignAsync();
        time.Advance(TimeSpan.FromDays(45));
        await host.SweepUntilAsync<Charged>(id, 3);
        dates.Moved.Should().ContainSingle("one period was missed").Which.Should().BeGreaterThan(new LocalDate(2026, 3, 2));
        dates.Refused.Should().Be(0);
        (await host.Ledger.FindAgreementAsync((await host.FindAsync(id)).Agreement.Id, default))!.RailDate.Should().Be(dates.Moved.Single());
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_card_goes_to_the_vault_and_from_there_into_every_order_and_nowhere_else()
    {
        const string Number = "6216261000000000018";
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time) { OnSigning = () => new SigningAnswer.Signed(new("bill-1", null, Instant.FromDateTimeOffset(time.GetUtcNow()), null)) };
        var database = await postgres.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(database, time, rail);
        var card = new PayerCard(Number, "holder", "01", "341126197709218366", "13552535506", "111111");
        (await host.Members.SignAsync(TestHost.Request(1) with { Card = card })).Should().Be(new Core.Engine.SignResult.AlreadyMember(Samples.IdOf(1)));
        await host.SweepUntilAsync<Charged>(Samples.IdOf(1), 2);
        rail.Orders.Should().HaveCount(2).And.OnlyContain(order => order.Agreement.PayerAccount == Number && order.Agreement.RailAgreementId == "bill-1");
        card.ToString().Should().NotContain(Number);
        rail.Orders.First().ToString().Should().NotContain(Number);
        await using var connection = Npgsql.NpgsqlDataSource.Create(database);
        await using var command = connection.CreateCommand(
            $"select (select count(*) from {MartenConfiguration.Schema}.mt_events where data::text like '%{Number}%'), (select count(*) from {BookTable.Name} b where b::text like '%{Number}%')");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).Should().BeTrue();
        (reader.GetInt64(0), reader.GetInt64(1)).Should().Be((0, 0));
    }

    /// <summary>A rail with one agreement: a success moves its date by a month, a missed date stays until it is moved.</summary>
    private sealed class DatedRail
    {
        private LocalDate? date;

        public DatedRail(FakeTimeProvider time)
        {
            Rail = new ScriptedRail(time);
            Rail.Traits = Rail.Traits with { Plan = Rule, OrderLifetime = Duration.FromHours(2), ClosesAt = new(23, 30) };
            Rail.OnQueryAgreement = agreement => new AgreementAnswer.Active(
                "c-1", null, Instant.FromDateTimeOffset(time.GetUtcNow()), null, date ??= Rail.Signings.Single().Plan.FirstChargeOn);
            Rail.OnMovePlan = next =>
            {
                if (next <= date || next.Day > 28)
                    return new RailNoticeAnswer.Refused("ILLEGAL_EXECUTION_TIME", "not later, or after the 28th");
                Moved.Add(next);
                date = next;
                return new RailNoticeAnswer.Accepted();
            };
            Rail.OnCharge = order =>
            {
                var today = Instant.FromDateTimeOffset(time.GetUtcNow()).InZone(RenewalZones.Get(RenewalZones.Shanghai)).Date;
                if (today < date!.Value.PlusDays(-5) || today > date)
                {
                    Refused++;
                    return Task.FromResult(new ChargeAnswer(new ChargeOutcome.Declined(DeclineReason.Other, "CYCLE_PAY_DATE_NOT_MATCH")));
                }

                date = date.Value.PlusMonths(1);
                return Task.FromResult(Rail.Take(order));
            };
        }

        public ScriptedRail Rail { get; }

        public List<LocalDate> Moved { get; } = [];

        public int Refused { get; private set; }
    }
}
