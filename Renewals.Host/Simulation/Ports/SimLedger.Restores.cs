using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>Everything that was committed by a moment.</summary>
internal sealed class Backup
{
    public required Instant At { get; init; }

    public required int Events { get; init; }

    public required int Identities { get; init; }

    /// <summary>By membership: how many events it had, its alarm and its claim.</summary>
    public required IReadOnlyDictionary<SubscriptionId, (int Events, long? Alarm, long ClaimedUntil)> Tracks { get; init; }

    /// <summary>By account, the statement that was to be read next.</summary>
    public required IReadOnlyDictionary<MerchantAccount, LocalDate> Statements { get; init; }

    public SimStores Stores { get; } = new();
}

/// <summary>What a restore took from the ledger.</summary>
/// <param name="Memberships">Memberships that are not there any more.</param>
/// <param name="Cancels">Memberships that were cancelled, and whoever asked for it was told so.</param>
internal sealed record Taken(IReadOnlyList<Track> Memberships, IReadOnlyList<SubscriptionId> Cancels);

internal sealed partial class SimLedger
{
    private readonly HashSet<BatchPort> open = [];
    private long failedAt;

    public SimIdentities Identities { get; } = new(world);

    /// <summary>The database does not answer.</summary>
    public bool IsAway { get; private set; }

    /// <summary>It stepped back, and nobody has adopted it yet.</summary>
    public bool IsUnadopted => UnadoptedSince is not null;

    /// <summary>Since when, in ticks: from the last moment anything could be committed before.</summary>
    public long? UnadoptedSince { get; private set; }

    /// <summary>Since when it is frozen, in ticks; null: it is not, or nobody has noticed yet.</summary>
    public long? FrozenAt { get; private set; }

    /// <summary>When it was last adopted, in ticks; 0: never.</summary>
    public long AdoptedAt { get; private set; }

    /// <summary>When it was last put back, in ticks; 0: never. What an engine had begun before may fail.</summary>
    public long RestoredAt { get; private set; }

    /// <summary>The freeze in force; null: it is not frozen, or nobody has noticed yet.</summary>
    public ChargeStop? Freeze => OpenStops.FirstOrDefault(stop => stop.Rule == FuseRule.Frozen);

    /// <summary>Every stop in force, by what is stored.</summary>
    public IReadOnlyList<ChargeStop> OpenStops => Done(((IChargeStops)Inner).ListAsync(openOnly: true, default));

    public void ThrowIfAway()
    {
        if (IsAway)
            throw new DatabaseAwayException();
    }

    public void Opened(BatchPort batch) => open.Add(batch);

    public void Closed(BatchPort batch) => open.Remove(batch);

    /// <summary>Waits until no account's row is held.</summary>
    public async Task NoAccountLockedAsync(EngineLife life)
    {
        while (lockedAccounts.Count > 0)
            await world.Scheduler.Delay(world.Dice.Between(Duration.Zero, Patience), life);
    }

    public Backup TakeBackup(IReadOnlyDictionary<MerchantAccount, LocalDate> statements)
    {
        var backup = new Backup
        {
            At = world.Now, Events = Identities.Events, Identities = Identities.Identities, Statements = statements,
            Tracks = tracks.Values.ToDictionary(track => track.Id, track => (track.Events.Count, track.Alarm, track.ClaimedUntil)),
        };
        backup.Stores.CopyFrom(stores);
        return backup;
    }

    /// <summary>Whether anything was committed since that a restore would take.</summary>
    public bool HasGrownSince(Backup backup) => Identities.Events != backup.Events || Identities.Identities != backup.Identities;

    /// <summary>The database fails: transactions that are open are never committed, and nobody holds a lock any more.</summary>
    public void GoAway()
    {
        (IsAway, failedAt) = (true, world.Ticks);
        foreach (var batch in open.ToList())
            batch.Cut();
        locked.Clear();
        lockedAccounts.Clear();
    }

    /// <summary>A backup is put back, and the database answers again.</summary>
    public Taken Restore(Backup backup)
    {
        stores.CopyFrom(backup.Stores);
        Identities.StepBack(backup.Events, backup.Identities);
        var taken = new Taken(
            [.. tracks.Values.Where(track => !backup.Tracks.ContainsKey(track.Id))],
            [.. tracks.Values.Where(track => track.CancelConfirmed is not null && backup.Tracks.TryGetValue(track.Id, out var was) && !WasCancelled(track, was.Events)).Select(track => track.Id)]);
        foreach (var gone in taken.Memberships)
        {
            gone.Commits++;
            tracks.Remove(gone.Id);
        }

        foreach (var track in tracks.Values)
            StepBack(track, backup);
        IndexAnew();
        (IsAway, RestoredAt) = (false, world.Ticks);
        FrozenAt = Freeze is null ? null : RestoredAt;

        // What was committed in the last second, and seen by nobody, is missed by nobody.
        if (FrozenAt is not null || world.Engines.SomebodyCouldKnow)
            UnadoptedSince ??= failedAt;
        return taken;
    }

    /// <summary>A host has noticed.</summary>
    public void Frozen()
    {
        world.Reach.Saw(Mark.FrozenNoticed);
        FrozenAt = world.Ticks;
        UnadoptedSince ??= failedAt;
        world.Restores.Noticed();
        world.Erasures.Frozen();
    }

    /// <summary>A person has adopted it.</summary>
    public void Adopted()
    {
        (UnadoptedSince, FrozenAt, AdoptedAt) = (null, null, world.Ticks);
        world.Restores.Adopted();
    }

    private static bool WasCancelled(Track track, int events) => track.Events.Take(events).Any(e => e is Cancelled);

    private void StepBack(Track track, Backup backup)
    {
        var (events, alarm, claimed) = backup.Tracks[track.Id];
        if (events < track.Events.Count)
        {
            foreach (var _ in track.Events.Skip(events).OfType<Announced>())
                world.Reach.Saw(Mark.NoticeLost);
            track.Events.RemoveRange(events, track.Events.Count - events);
            track.State = Evolve.All(null, track.Events)!;
        }

        (track.Alarm, track.ClaimedUntil, track.FreeSince) = (alarm, claimed, world.Ticks);
        if (track.State.CancelledAt is null)
            track.CancelConfirmed = null;
        if (track.State.Parked is null)
            track.ParkConfirmed = null;
        Remind(track);
    }

    private void IndexAnew()
    {
        movements.Clear();
        requests.Clear();
        concluded.Clear();
        foreach (var (track, e) in tracks.Values.SelectMany(track => track.Events.Select(e => (track, e))).OrderBy(pair => pair.e.At))
            Index(track.State, e);
    }

    /// <summary>What the in-memory ledger answers, which it does at once.</summary>
    public static T Done<T>(Task<T> task) => task.IsCompletedSuccessfully ? task.Result : throw new InvalidOperationException("The in-memory ledger answers at once.");
}
