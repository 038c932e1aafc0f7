using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Database;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>A rail's statement beside our ledger: every kind of difference is seen, what is certain is recorded, nothing is recorded twice.</summary>
[Collection(PostgresCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class ReconcilerTests(PostgresFixture postgres)
{
    /// <summary>The member signs and pays at 10:10 of this day in Shanghai.</summary>
    private static readonly LocalDate Day = new(2026, 1, 31);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_statement_that_says_the_same_is_clean_and_its_file_is_kept(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        var paid = (await host.EventsAsync<Charged>(await host.SignAsync())).Single();
        host.Time.Advance(TimeSpan.FromDays(1));
        host.Rail.OnStatement = _ => Statement(Line(paid));
        var report = await RunAsync(host);
        (report.State, report.Lines, report.Matched, report.Total).Should().Be((ReconciliationState.Complete, 1, 1, 0));
        var kept = await host.Services.GetRequiredService<LedgerDatabase>().Documents.FindAsync(report.Document!.Value, default);
        kept.Should().Equal("the file"u8.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_kind_of_difference_is_listed(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        var (first, second) = (await PaidAsync(host, 1), await PaidAsync(host, 2));
        host.Time.Advance(TimeSpan.FromDays(1));
        host.Rail.OnStatement = _ => Statement(
            Line(first) with { Amount = Money.Cny(991) }, Line(first) with { Amount = Money.Cny(991) },
            new StatementLine("A-NUMBER-OF-ANOTHER-SYSTEM", null, Money.Cny(5), "T5", first.PaidAt),
            new StatementLine(first.Order.ToString(), "REFUND-AT-THE-DESK", Money.Cny(100), first.RailTransaction, first.PaidAt));
        var report = await RunAsync(host);
        report.Counts.Should().BeEquivalentTo(new Dictionary<DifferenceKind, long>
        {
            [DifferenceKind.Amount] = 1, [DifferenceKind.State] = 1, [DifferenceKind.TheirsOnly] = 1, [DifferenceKind.RefundElsewhere] = 1,
            [DifferenceKind.OursOnly] = 1,
        });
        report.Differences.Single(d => d.Kind == DifferenceKind.OursOnly).Order.Should().Be(second.Order.ToString());
        report.Differences.Single(d => d.Kind == DifferenceKind.RefundElsewhere).Healed.Should().BeTrue();
        (await host.EventsAsync<Refunded>(Samples.IdOf(1))).Should().ContainSingle().Which.RefundNumber.Should().Be("REFUND-AT-THE-DESK");
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_statement_proves_paid_is_recorded_once_however_often_it_is_read(bool inMemory)
    {
        await using var host = await StartAsync(inMemory);
        host.Rail.OnCharge = _ => Task.FromResult(new ChargeAnswer(new ChargeOutcome.Unknown("time-out")));
        host.Rail.OnQueryCharge = _ => new(new ChargeOutcome.Unknown("time-out"));
        var id = await host.SignAsync();
        var order = (await host.EventsAsync<Requested>(id)).Single();
        host.Time.Advance(TimeSpan.FromDays(1));
        host.Rail.OnStatement = _ => Statement(new StatementLine(order.Order.ToString(), null, order.Amount, "T1", order.At));
        var report = await RunAsync(host);
        report.Differences.Should().ContainSingle().Which.Should().Match<Difference>(d => d.Kind == DifferenceKind.State && d.Healed);
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle().Which.RailTransaction.Should().Be("T1");
        (await RunAsync(host)).Should().Match<ReconciliationReport>(again => again.Matched == 1 && again.Total == 0, "the second reading has nothing left to say");
        (await host.EventsAsync<Charged>(id)).Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Absence_is_proved_only_by_every_day_that_could_hold_the_order(bool inMemory)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        rail.Traits = rail.Traits with { Resend = Resend.Never, AbsenceProof = AbsenceProof.TwoStatements };
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), time, rail);
        var lost = true;
        rail.OnCharge = order => Task.FromResult(lost ? new(new ChargeOutcome.Unknown("time-out")) : rail.Take(order));
        var id = await host.SignAsync();
        lost = false;
        host.Time.Advance(TimeSpan.FromDays(3));
        rail.OnStatement = _ => Statement();
        (await RunAsync(host, Day.PlusDays(1))).Absent.Should().Be(0, "the day before it was not read");
        (await RunAsync(host, Day)).State.Should().Be(ReconciliationState.Complete);
        (await host.EventsAsync<NotTaken>(id)).Count.Should().BeLessThanOrEqualTo(1);
        await RunAsync(host, Day.PlusDays(1));
        (await host.EventsAsync<NotTaken>(id)).Should().ContainSingle().Which.Outcome.Should().BeOfType<ChargeOutcome.Absent>();
        (await host.EventsAsync<Requested>(id)).Should().ContainSingle("nothing goes out again before it is proved");
        await host.BookEqualsFoldAsync();
    }

    /// <summary>A rail that says "no such refund" proves nothing by it: lost on the way, the member's money would wait for ever.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refund_that_got_lost_is_sent_again_once_the_statements_prove_it(bool inMemory)
    {
        var time = TestHost.Clock();
        var rail = new ScriptedRail(time);
        rail.Traits = rail.Traits with { Resend = Resend.Never, AbsenceProof = AbsenceProof.TwoStatements };
        await using var host = await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync(), time, rail);
        List<RefundOrder> sent = [];
        rail.OnRefund = refund =>
        {
            sent.Add(refund);
            return sent.Count == 1 ? new RefundAnswer.Unknown("time-out") : new RefundAnswer.Refunded(refund.Amount, "R", refund.RequestedAt);
        };
        rail.OnQueryRefund = _ => new RefundAnswer.Unknown("34");
        var id = await host.SignAsync();
        var twice = (await host.EventsAsync<Charged>(id)).Single();
        var second = new SubscriptionCommand.RecordCharge(
            twice.Order.Charge.Attempt(9), new(new ChargeOutcome.Succeeded(twice.Amount, "T9", twice.PaidAt)));
        await host.Services.GetRequiredService<OutcomeDoor>().RecordAsync(rail.Account, [new Outcome.OfSubscription(id, second)], null, default);
        await host.SweepAsync();
        sent.Should().ContainSingle();

        host.Time.Advance(TimeSpan.FromDays(3));
        await host.SweepAsync();
        rail.OnStatement = _ => Statement(Line(twice), Line(twice) with { OrderNumber = sent[0].Number.OfAttempt.ToString(), RailTransaction = "T9" });
        (await RunAsync(host)).Absent.Should().Be(0, "the day after it was not read");
        rail.OnStatement = _ => Statement();
        (await RunAsync(host, Day.PlusDays(1))).Absent.Should().Be(1);
        await host.SweepAsync();
        sent.Should().HaveCount(2).And.OnlyContain(refund => refund.Number == sent[0].Number);
        sent[1].RequestedAt.Should().BeGreaterThan(sent[0].RequestedAt, "a rail that refuses stale times would refuse the repeat");
        (await host.EventsAsync<Refunded>(id)).Should().ContainSingle();
        await host.BookEqualsFoldAsync();
    }

    [Fact]
    public async Task A_statement_that_is_not_ready_or_breaks_off_proves_nothing()
    {
        await using var host = await StartAsync(inMemory: true);
        var paid = (await host.EventsAsync<Charged>(await host.SignAsync())).Single();
        (await RunAsync(host)).State.Should().Be(ReconciliationState.NotReady, "the day is not over");
        host.Time.Advance(TimeSpan.FromDays(1));
        (await RunAsync(host)).State.Should().Be(ReconciliationState.NotReady);
        host.Rail.OnStatement = _ => new StatementAnswer.Ready("x"u8.ToArray(), Broken(Line(paid)));
        (await RunAsync(host)).Should().Match<ReconciliationReport>(report => report.State == ReconciliationState.Failed && report.Total == 0);
    }

    [Fact]
    public async Task A_hundred_thousand_lines_are_read_as_they_come()
    {
        await using var host = await StartAsync(inMemory: true);
        host.Time.Advance(TimeSpan.FromDays(2));
        var (asked, told) = (0, new List<long>());
        IEnumerable<StatementLine> Lines()
        {
            for (; asked < 100_000; asked++)
                yield return new($"OTHER-{asked}", null, Money.Cny(1), $"T{asked}", Samples.Now);
        }

        host.Rail.OnStatement = _ => new StatementAnswer.Ready("x"u8.ToArray(), Lines());
        var reconciler = host.Services.GetRequiredService<Reconciler>();
        var report = await reconciler.RunAsync(host.Rail.Account, Day, new Told(told));
        (report.Lines, report.Counts[DifferenceKind.TheirsOnly]).Should().Be((100_000, 100_000));
        report.Differences.Count.Should().Be(new AuditOptions().MaxListed, "all are counted, not all are listed");
        told.Should().HaveCount(200).And.BeInAscendingOrder();
    }

    private async Task<TestHost> StartAsync(bool inMemory) => await TestHost.StartAsync(inMemory ? null : await postgres.CreateDatabaseAsync());

    private static async Task<Charged> PaidAsync(TestHost host, int number) => (await host.EventsAsync<Charged>(await host.SignAsync(number))).Single();

    private static Task<ReconciliationReport> RunAsync(TestHost host, LocalDate? day = null) =>
        host.Services.GetRequiredService<Reconciler>().RunAsync(host.Rail.Account, day ?? Day);

    private static StatementLine Line(Charged paid) => new(paid.Order.ToString(), null, paid.Amount, paid.RailTransaction, paid.PaidAt);

    private static StatementAnswer.Ready Statement(params StatementLine[] lines) => new("the file"u8.ToArray(), lines);

    private static IEnumerable<StatementLine> Broken(StatementLine first)
    {
        yield return first;
        throw new FormatException("line 2 is cut short");
    }

    private sealed class Told(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
