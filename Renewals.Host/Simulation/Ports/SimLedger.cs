using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>What is known of one membership from what was committed.</summary>
internal sealed class Track(SubscriptionId id)
{
    public SubscriptionId Id { get; } = id;

    /// <summary>As last committed.</summary>
    public Subscription State { get; set; } = null!;

    /// <summary>Everything committed, in order.</summary>
    public List<SubscriptionEvent> Events { get; } = [];

    /// <summary>Until then it is being carried out; 0: it is not.</summary>
    public long ClaimedUntil { get; set; }

    /// <summary>Since when nobody holds its lock, in ticks.</summary>
    public long FreeSince { get; set; }

    /// <summary>The alarm as the book has it, in ticks; null: none.</summary>
    public long? Alarm { get; set; }

    /// <summary>Counts its commits, so that an old reminder is known for old.</summary>
    public long Commits { get; set; }

    /// <summary>When a cancel was confirmed to whoever asked for it, in commits of the world; null: none was.</summary>
    public long? CancelConfirmed { get; set; }

    /// <summary>When a cancel was last undone, in commits of the world; null: none was.</summary>
    public long? UndoneAt { get; set; }

    /// <summary>When the wish that a person looks first was confirmed; null: it was not, or it is over.</summary>
    public long? ParkConfirmed { get; set; }
}

/// <summary>The ledger all engines of a world share. It outlives them; their locks go with them.</summary>
internal sealed partial class SimLedger(SimWorld world)
{
    /// <summary>How long a lock that somebody holds is waited for before it is looked at again.</summary>
    public static readonly Duration Patience = Duration.FromMilliseconds(20);

    private readonly SimStores stores = new();
    private readonly Dictionary<SubscriptionId, Track> tracks = [];
    private readonly Dictionary<Core.Agreements.AgreementId, SubscriptionId> agreements = [];
    private readonly HashSet<SubscriptionId> locked = [];
    private readonly HashSet<MerchantAccount> lockedAccounts = [];
    private readonly PriorityQueue<(Track Track, long Commit), long> alarms = new();
    private readonly Dictionary<MerchantAccount, List<LedgerMovement>> movements = [];
    private readonly Dictionary<MerchantAccount, List<(Instant At, SubscriptionId Id, OrderNumber Order)>> requests = [];
    private readonly HashSet<OrderNumber> concluded = [];

    public InMemoryLedger Inner => stores.Ledger;

    public InMemoryVault Vault => stores.Vault;

    public InMemoryReconciliationStore Reconciliations => stores.Reconciliations;

    public InMemoryKeptDocuments Documents => stores.Documents;

    public InMemoryOrphanAgreements Orphans => stores.Orphans;

    public InMemoryMoves Moves => stores.Moves;

    public InMemoryErasures Erasures => stores.Erasures;

    /// <summary>Counts commits: what came first.</summary>
    public long Commits { get; private set; }

    public IReadOnlyCollection<Track> Tracks => tracks.Values;

    public Track? Track(SubscriptionId id) => tracks.GetValueOrDefault(id);

    /// <summary>The membership an agreement serves.</summary>
    public SubscriptionId? MembershipOf(Core.Agreements.AgreementId agreement) => agreements.TryGetValue(agreement, out var id) ? id : null;

    /// <summary>Every agreement a membership ever had.</summary>
    public IReadOnlyList<Core.Agreements.AgreementId> AgreementsOf(SubscriptionId id) => [.. agreements.Where(one => one.Value == id).Select(one => one.Key)];

    public bool IsLocked(SubscriptionId id) => locked.Contains(id);

    public void Lock(IEnumerable<SubscriptionId> ids) => locked.UnionWith(ids);

    public void Unlock(IEnumerable<SubscriptionId> ids)
    {
        foreach (var id in ids)
        {
            locked.Remove(id);
            if (tracks.GetValueOrDefault(id) is { } track)
                track.FreeSince = world.Ticks;
        }
    }

    /// <summary>Waits until nobody holds an account's row, and takes it; noted at once, so that a death gives it back.</summary>
    public async Task LockAsync(MerchantAccount account, EngineLife life, List<MerchantAccount> taken)
    {
        await life.HopAsync();
        while (!lockedAccounts.Add(account))
            await world.Scheduler.Delay(world.Dice.Between(Duration.Zero, Patience), life);
        taken.Add(account);
    }

    public bool IsLocked(MerchantAccount account) => lockedAccounts.Contains(account);

    public void Unlock(MerchantAccount account) => lockedAccounts.Remove(account);

    /// <summary>The next moment an alarm rings, by what was committed; null: none.</summary>
    public long? NextAlarm()
    {
        while (alarms.TryPeek(out var next, out var at))
        {
            if (next.Track.Commits == next.Commit)
                return at;
            alarms.Dequeue();
        }

        return null;
    }

    /// <summary>The account whose alarm rings first; it rings again after a while, until the membership has changed.</summary>
    public MerchantAccount TakeAlarm(long again)
    {
        var (track, commit) = alarms.Dequeue();
        alarms.Enqueue((track, commit), again);
        return track.State.Account;
    }

    /// <summary>Notes what a commit stored.</summary>
    /// <param name="life">Who committed.</param>
    /// <param name="isIntent">True for the first transaction of a sweep.</param>
    /// <param name="writes">What was stored.</param>
    public void Stored(EngineLife life, bool isIntent, IReadOnlyList<Written> writes)
    {
        Commits++;
        foreach (var written in writes)
        {
            var track = tracks.TryGetValue(written.After.Id, out var known) ? known : tracks[written.After.Id] = new(written.After.Id);
            var before = track.State;
            track.State = written.After;
            agreements.TryAdd(written.After.Agreement.Id, track.Id);
            foreach (var backup in written.After.Backups)
                agreements.TryAdd(backup.Agreement.Id, track.Id);
            track.Events.AddRange(written.Events);
            track.Alarm = world.Planted.AlarmOf(written.After);
            track.ClaimedUntil = written.ClaimedUntil is { } until ? BookRow.Ticks(until) : 0;
            Remind(track);
            Identities.Stored(written.Events);
            foreach (var e in written.Events)
                Index(written.After, e);
            if (written.Events is [Imported imported, ..])
                world.Movers.TakenOver(imported);
            if (isIntent)
                life.Claimed[track.Id] = new(Commits, track.State, world.Ticks);
            world.Planted.Stored(Inner, track);
            world.Checks.Committed(life, isIntent, track, before, written.Events);
        }
    }

    /// <summary>Reads a membership anew that was parked without being folded.</summary>
    public void Reread(SubscriptionId id, IReadOnlyList<SubscriptionEvent> events)
    {
        Commits++;
        if (tracks.GetValueOrDefault(id) is not { } track)
            return;
        track.Events.Clear();
        track.Events.AddRange(events);
        track.State = Evolve.All(null, events) ?? track.State;
        (track.Alarm, track.ClaimedUntil) = (null, 0);
        Remind(track);
    }

    public IEnumerable<LedgerMovement> Movements(MerchantAccount account, Instant from, Instant until) =>
        movements.TryGetValue(account, out var all) ? all.Where(m => m.At >= from && m.At < until) : [];

    /// <summary>Memberships with an order of this time that is not concluded.</summary>
    public IEnumerable<SubscriptionId> Unconcluded(MerchantAccount account, Instant from, Instant until)
    {
        if (!requests.TryGetValue(account, out var all))
            return [];
        HashSet<SubscriptionId> found = [];

        // In the order of commits; clocks of engines differ by less than an hour.
        for (var i = all.Count - 1; i >= 0 && all[i].At >= from - Duration.FromHours(1); i--)
        {
            if (all[i].At >= from && all[i].At < until && !concluded.Contains(all[i].Order))
                found.Add(all[i].Id);
        }

        return found;
    }

    private void Remind(Track track)
    {
        track.Commits++;
        if (track.Alarm is { } alarm)
            alarms.Enqueue((track, track.Commits), Math.Max(alarm, track.ClaimedUntil));
    }

    private void Index(Subscription s, SubscriptionEvent e)
    {
        if (LedgerMovement.Of(e) is { } movement)
            Of(movements, s.AccountOf(movement.Order)).Add(movement);
        if (e is Requested x)
            Of(requests, x.Account).Add((x.At, s.Id, x.Order));
        else if (e is RefundRequested y)
            Reopen(s.AccountOf(y.Refund.OfAttempt), s.Id, y);
        else if (e is Refunded z && OrderNumber.TryParse(z.RefundNumber, out var refund))
            concluded.Add(refund);
        else if (e is NotTaken { Order: { IsRefund: true } none })
            concluded.Add(none);
        else if (e is Charged { Order: var paid })
            concluded.Add(paid);
        else if (e is Failed { Order: var failed })
            concluded.Add(failed);
        else if (e is Overpaid { Order: var back })
            concluded.Add(back);
    }

    // A refund that was not taken is asked for again under its number.
    private void Reopen(MerchantAccount account, SubscriptionId id, RefundRequested e)
    {
        Of(requests, account).Add((e.At, id, e.Refund));
        concluded.Remove(e.Refund);
    }

    private static List<T> Of<T>(Dictionary<MerchantAccount, List<T>> lists, MerchantAccount account) =>
        lists.TryGetValue(account, out var list) ? list : lists[account] = [];
}

/// <summary>What one commit stored of one membership.</summary>
internal sealed record Written(IReadOnlyList<SubscriptionEvent> Events, Subscription After, Instant? ClaimedUntil);
