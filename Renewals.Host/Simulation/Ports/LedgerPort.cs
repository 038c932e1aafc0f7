using System.Runtime.CompilerServices;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to the ledger: every call is a moment at which another engine may go first, and every commit one at which this one dies.</summary>
internal sealed class LedgerPort(SimWorld world, EngineLife life) : ISubscriptionLedger
{
    // Everything but the waits goes through here, so that a database that is away is away for all of it.
    private SimLedger Ledger
    {
        get
        {
            world.Ledger.ThrowIfAway();
            return world.Ledger;
        }
    }

    public async Task<ILedgerBatch> ClaimDueAsync(MerchantAccount account, Instant now, int limit, CancellationToken cancellation)
    {
        await life.HopAsync();
        return Held(await Ledger.Inner.ClaimDueAsync(account, now, limit, cancellation), true);
    }

    public async Task<ILedgerBatch> OpenAsync(IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellation)
    {
        await WaitForAsync(ids);
        return Held(await Ledger.Inner.OpenAsync(ids, cancellation), false);
    }

    public async Task ParkUnreadableAsync(SubscriptionId id, string detail, Instant now, CancellationToken cancellation)
    {
        await WaitForAsync([id]);
        await Ledger.Inner.ParkUnreadableAsync(id, detail, now, cancellation);
        Ledger.Reread(id, await Ledger.Inner.ReadEventsAsync(id, cancellation));
        world.Checks.EngineFault(id, detail);
    }

    // The last committed state is the fold of the stream; that it is stays a promise of its own, checked every month.
    public Task<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellation) => Task.FromResult(Ledger.Track(id)?.State);

    public Task<Instant?> FirstEventAtAsync(CancellationToken cancellation) => Ledger.Inner.FirstEventAtAsync(cancellation);

    public Task<Agreement?> FindAgreementAsync(AgreementId id, CancellationToken cancellation) => Ledger.Inner.FindAgreementAsync(id, cancellation);

    public async Task<IReadOnlyList<SubscriptionId>> FindOfMemberAsync(string member, MerchantAccount? account, CancellationToken cancellation)
    {
        await life.HopAsync();
        return await Ledger.Inner.FindOfMemberAsync(member, account, cancellation);
    }

    public Task<IReadOnlyList<SubscriptionEvent>> ReadEventsAsync(SubscriptionId id, CancellationToken cancellation) =>
        Ledger.Inner.ReadEventsAsync(id, cancellation);

    public async IAsyncEnumerable<LedgerMovement> ReadMovementsAsync(
        MerchantAccount account, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var movement in Ledger.Movements(account, from, until).ToList())
            yield return movement;
    }

    public async IAsyncEnumerable<SubscriptionId> ReadUnconcludedAsync(
        MerchantAccount account, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var id in Ledger.Unconcluded(account, from, until).ToList())
            yield return id;
    }

    public IAsyncEnumerable<Subscription> ReadMembershipsAsync(MerchantAccount account, CancellationToken cancellation) =>
        Ledger.Inner.ReadMembershipsAsync(account, cancellation);

    public Task<Instant?> NextAlarmAsync(CancellationToken cancellation) => Ledger.Inner.NextAlarmAsync(cancellation);

    public Task<IReadOnlyList<string>> VerifyBookAsync(CancellationToken cancellation) => Ledger.Inner.VerifyBookAsync(cancellation);

    private async Task WaitForAsync(IReadOnlyCollection<SubscriptionId> ids)
    {
        await life.HopAsync();
        while (ids.Any(Ledger.IsLocked))
            await world.Scheduler.Delay(world.Dice.Between(Duration.Zero, SimLedger.Patience), life);
    }

    private BatchPort Held(ILedgerBatch inner, bool isIntent)
    {
        var batch = new BatchPort(world, life, inner, isIntent);
        life.Open.Add(batch);
        return batch;
    }
}
