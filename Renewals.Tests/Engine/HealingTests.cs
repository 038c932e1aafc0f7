using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Support;

namespace Renewals.Tests.Engine;

/// <summary>A statement is read once: what it brings is stored, also when a commit is lost.</summary>
public class HealingTests
{
    [Fact]
    public async Task A_statement_line_whose_commit_was_lost_is_recorded_after_all()
    {
        await using var host = await TestHost.StartAsync();
        var id = await host.SignAsync();
        var paid = (await host.EventsAsync<Charged>(id)).Single();
        var ledger = new ForgetfulLedger(host.Ledger);
        var door = DoorTo(host, ledger);
        var line = new StatementLine(paid.Order.ToString(), "AT-THE-DESK", Money.Cny(100), paid.RailTransaction, paid.PaidAt);
        var findings = new Findings(paid.PaidAt, paid.PaidAt + Duration.FromDays(1), 100);
        await new Healer(ledger, door).HealAsync(Samples.Account, [OurLine.Of(line)!], findings, default);
        ledger.Forgot.Should().BeGreaterThan(1, "the first commit must have been lost, and another made");
        (await host.EventsAsync<Refunded>(id)).Should().ContainSingle().Which.RefundNumber.Should().Be("AT-THE-DESK");
        findings.Differences.Should().ContainSingle().Which.Healed.Should().BeTrue();
    }

    [Fact]
    public async Task What_another_system_took_after_the_cut_over_is_recorded_also_when_the_commit_was_lost()
    {
        await using var host = await TestHost.StartAsync();
        host.Rail.Traits = host.Rail.Traits with { CanAskForAgreements = true };
        var line = new ImportLine("m1", "monthly", new(2025, 11, 5), new(2026, 2, 5), "C1", null, 2500) { Payer = "openid-C1" };
        (await (await host.Services.GetRequiredService<ImportDesk>().BeginAsync(new(Samples.Account, Samples.Now))).TakeAsync([line]))
            .Should().ContainSingle().Which.Should().BeOfType<ImportVerdict.Imported>();
        var id = (await host.Ledger.FindOfMemberAsync("m1", Samples.Account, default)).Single();
        host.Time.Advance(TimeSpan.FromDays(3));
        host.Rail.OnStatement = _ => new StatementAnswer.Ready(
            "the file"u8.ToArray(), [new StatementLine("OTHER-T8", null, Money.Cny(2500), "T8", Samples.Now + Duration.FromDays(2)) { Payer = "openid-C1" }]);
        var (p, ledger) = (host.Services, new ForgetfulLedger(host.Ledger));
        var reconciler = new Reconciler(
            host.Ledger, p.GetRequiredService<RegisteredGateways>(), DoorTo(host, ledger), p.GetRequiredService<IReconciliationStore>(), p.GetRequiredService<IKeptDocuments>(),
            p.GetRequiredService<IOrphanAgreements>(), p.GetRequiredService<OldOrders>(), p.GetRequiredService<EngineClock>(),
            p.GetRequiredService<Microsoft.Extensions.Options.IOptions<AuditOptions>>(), p.GetRequiredService<EngineMetrics>(), p.GetRequiredService<EngineTraces>(),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<Reconciler>.Instance);
        await reconciler.RunAsync(Samples.Account, new(2026, 2, 2));
        ledger.Forgot.Should().BeGreaterThan(1, "the first commit must have been lost, and another made");
        (await host.EventsAsync<PaidElsewhere>(id)).Should().ContainSingle().Which.RailTransaction.Should().Be("T8");
    }

    private static OutcomeDoor DoorTo(TestHost host, ISubscriptionLedger ledger) => new(
        ledger, host.Services.GetRequiredService<IAgreementVault>(), host.Services.GetRequiredService<RegisteredGateways>(),
        host.Services.GetRequiredService<EngineClock>(), host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<EngineOptions>>(),
        host.Services.GetRequiredService<EngineMetrics>(), host.Services.GetRequiredService<EngineTraces>(), new NeverFrozen(), Microsoft.Extensions.Logging.Abstractions.NullLogger<OutcomeDoor>.Instance);

    /// <summary>Loses the first commit that would store something, before it is stored.</summary>
    private sealed class ForgetfulLedger(ISubscriptionLedger inner) : ISubscriptionLedger
    {
        public int Forgot { get; set; }

        public async Task<ILedgerBatch> OpenAsync(IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellation) =>
            new Batch(this, await inner.OpenAsync(ids, cancellation));

        public Task<ILedgerBatch> ClaimDueAsync(MerchantAccount account, Instant now, int limit, CancellationToken cancellation) => inner.ClaimDueAsync(account, now, limit, cancellation);

        public Task ParkUnreadableAsync(SubscriptionId id, string detail, Instant now, CancellationToken cancellation) => inner.ParkUnreadableAsync(id, detail, now, cancellation);

        public Task<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellation) => inner.FindAsync(id, cancellation);

        public Task<Instant?> FirstEventAtAsync(CancellationToken cancellation) => inner.FirstEventAtAsync(cancellation);

        public Task<Agreement?> FindAgreementAsync(AgreementId id, CancellationToken cancellation) => inner.FindAgreementAsync(id, cancellation);

        public Task<IReadOnlyList<SubscriptionId>> FindOfMemberAsync(string member, MerchantAccount? account, CancellationToken cancellation) => inner.FindOfMemberAsync(member, account, cancellation);

        public Task<IReadOnlyList<SubscriptionEvent>> ReadEventsAsync(SubscriptionId id, CancellationToken cancellation) => inner.ReadEventsAsync(id, cancellation);

        public IAsyncEnumerable<LedgerMovement> ReadMovementsAsync(MerchantAccount account, Instant from, Instant until, CancellationToken cancellation) => inner.ReadMovementsAsync(account, from, until, cancellation);

        public IAsyncEnumerable<SubscriptionId> ReadUnconcludedAsync(MerchantAccount account, Instant from, Instant until, CancellationToken cancellation) => inner.ReadUnconcludedAsync(account, from, until, cancellation);

        public IAsyncEnumerable<Subscription> ReadMembershipsAsync(MerchantAccount account, CancellationToken cancellation) => inner.ReadMembershipsAsync(account, cancellation);

        public Task<Instant?> NextAlarmAsync(CancellationToken cancellation) => inner.NextAlarmAsync(cancellation);

        public Task<IReadOnlyList<string>> VerifyBookAsync(CancellationToken cancellation) => inner.VerifyBookAsync(cancellation);

        private sealed class Batch(ForgetfulLedger ledger, ILedgerBatch batch) : ILedgerBatch
        {
            public IReadOnlyList<LockedRow> Rows => batch.Rows;

            public Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadAgreementsAsync(IReadOnlyCollection<AgreementId> ids, CancellationToken cancellation) => batch.LoadAgreementsAsync(ids, cancellation);

            public void Write(long before, IReadOnlyList<SubscriptionEvent> events, Subscription after, Instant? claimedUntil) => batch.Write(before, events, after, claimedUntil);

            public void WriteAgreement(AgreementId agreement, long before, IReadOnlyList<AgreementEvent> events) => batch.WriteAgreement(agreement, before, events);

            public IReadOnlyList<ChargeStop> Blown => batch.Blown;

            public Task<AccountGuard> LockAccountAsync(MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, int most, CancellationToken cancellation) => batch.LockAccountAsync(account, asking, now, most, cancellation);

            public void WriteAccount(MerchantAccount account, ChargeLeave leave, IReadOnlyList<HeldCharge> held) => batch.WriteAccount(account, leave, held);

            public void Hear(MerchantAccount account, AccountNews news, FuseLimits limits, Instant now) => batch.Hear(account, news, limits, now);

            public Task CommitAsync(CancellationToken cancellation) => ledger.Forgot++ == 0 ? throw new CommitUnknownException("lost") : batch.CommitAsync(cancellation);

            public ValueTask DisposeAsync() => batch.DisposeAsync();
        }
    }
}
