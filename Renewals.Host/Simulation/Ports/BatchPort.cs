using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>A transaction: it may be refused, its reply may be lost, and the engine may die before and after it.</summary>
internal sealed class BatchPort : ILedgerBatch
{
    private readonly SimWorld world;
    private readonly EngineLife life;
    private readonly ILedgerBatch inner;
    private readonly bool isIntent;
    private readonly List<SubscriptionId> held;
    private readonly List<Written> writes = [];
    private readonly List<MerchantAccount> accounts = [];
    private bool released;
    private bool cut;

    public BatchPort(SimWorld world, EngineLife life, ILedgerBatch inner, bool isIntent)
    {
        (this.world, this.life, this.inner, this.isIntent) = (world, life, inner, isIntent);
        held = [.. inner.Rows.Select(row => row.Id)];
        world.Ledger.Lock(held);
        world.Ledger.Opened(this);
    }

    public IReadOnlyList<LockedRow> Rows => inner.Rows;

    public Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadAgreementsAsync(IReadOnlyCollection<AgreementId> ids, CancellationToken cancellation) =>
        inner.LoadAgreementsAsync(ids, cancellation);

    public void Write(long before, IReadOnlyList<SubscriptionEvent> events, Subscription after, Instant? claimedUntil)
    {
        var written = world.Planted.Write(Rows.FirstOrDefault(row => row.Id == after.Id)?.State, new(events, after, claimedUntil));
        inner.Write(before, written.Events, written.After, written.ClaimedUntil);
        writes.Add(written);
    }

    public void WriteAgreement(AgreementId agreement, long before, IReadOnlyList<AgreementEvent> events) => inner.WriteAgreement(agreement, before, events);

    public IReadOnlyList<ChargeStop> Blown => inner.Blown;

    public async Task<AccountGuard> LockAccountAsync(
        MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, int most, CancellationToken cancellation)
    {
        ThrowIfCut();
        await world.Ledger.LockAsync(account, life, accounts);
        if (cut)
            world.Ledger.Unlock(account);
        ThrowIfCut();
        return world.Planted.Guard(await inner.LockAccountAsync(account, asking, now, most, cancellation));
    }

    public void WriteAccount(MerchantAccount account, ChargeLeave leave, IReadOnlyList<HeldCharge> held) => inner.WriteAccount(account, leave, held);

    public void Hear(MerchantAccount account, AccountNews news, FuseLimits limits, Instant now) => inner.Hear(account, news, limits, now);

    public async Task CommitAsync(CancellationToken cancellation)
    {
        await life.HopAsync();
        if (writes.Count > 0 && life.DiesAt(isIntent ? Mark.CrashBeforeIntentCommit : Mark.CrashBeforeOutcomeCommit))
            await EngineLife.Never;
        if (cut)
            throw new CommitUnknownException("The connection broke: the database failed.");
        var rate = world.Faults[Fault.Commit];
        if (writes.Count > 0 && world.Dice.Chance(0.002 * rate))
        {
            Say(Mark.CommitRefused, "refused");
            throw new LedgerConflictException("The database refused the commit.");
        }

        if (writes.Count > 0 && world.Dice.Chance(0.0015 * rate))
        {
            Say(Mark.CommitLost, "lost before it was stored");
            throw new CommitUnknownException("The connection broke before the commit.");
        }

        await inner.CommitAsync(cancellation);
        world.Ledger.Stored(life, isIntent, writes);
        if (writes.Count > 0)
            world.Engines.WatchSoon();
        if (writes.Count > 0 && life.DiesAt(isIntent ? Mark.CrashAfterIntentCommit : Mark.CrashAfterOutcomeCommit))
            await EngineLife.Never;
        if (writes.Count > 0 && world.Dice.Chance(0.0015 * rate))
        {
            Say(Mark.CommitReplyLost, "stored, and its reply is lost");
            throw new CommitUnknownException("The connection broke after the commit.");
        }

        if (isIntent && writes.Exists(written => written.Events.Any(e => e is Requested)))
            await life.MayStandStillAsync();
    }

    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }

    /// <summary>The database failed: it can never be committed, and its locks are gone with the database's memory of them.</summary>
    public void Cut()
    {
        (cut, released) = (true, true);
        life.Open.Remove(this);
        world.Ledger.Closed(this);
    }

    private void ThrowIfCut()
    {
        if (cut)
            throw new DatabaseAwayException();
    }

    private void Say(Mark mark, string what)
    {
        world.Reach.Saw(mark);
        foreach (var written in writes)
            world.Story?.Say(written.After.Id, $"engine {life.Number}: a commit is {what}");
    }

    /// <summary>Gives the locks back; what was not committed never was. Once only.</summary>
    public void Release()
    {
        if (released)
            return;
        released = true;
        life.Open.Remove(this);
        world.Ledger.Closed(this);
        var done = inner.DisposeAsync();
        if (!done.IsCompletedSuccessfully)
            throw new InvalidOperationException("The in-memory ledger gives locks back at once.");
        world.Ledger.Unlock(held);
        accounts.ForEach(world.Ledger.Unlock);
    }
}
