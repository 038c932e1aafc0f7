using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>What the ledger says of itself, as PostgreSQL does: a row for each identity, events in their order, where the database lies.</summary>
internal sealed class SimIdentities(SimWorld world) : ILedgerIdentities
{
    // An event is told from another in the same place by a number that no restore takes back, as by the moment it was stored.
    private readonly List<(long Stamp, Instant At)> events = [];
    private readonly List<LedgerIdentity> identities = [];
    private readonly List<MerchantAccount> served = [];
    private LedgerPlace place = new("7000000000000000001", 1, 16_384, "renewals", null);
    private long stamps;
    private ulong names;

    public int Events => events.Count;

    public int Identities => identities.Count;

    /// <summary>Notes what a commit stored.</summary>
    public void Stored(IReadOnlyList<SubscriptionEvent> stored)
    {
        foreach (var e in stored)
            events.Add((++stamps, e.At));
    }

    /// <summary>Steps back. A restore in place leaves no other trace than what is missing; one with the log, or of a dump, lies elsewhere.</summary>
    public void StepBack(int toEvents, int toIdentities)
    {
        events.RemoveRange(toEvents, events.Count - toEvents);
        identities.RemoveRange(toIdentities, identities.Count - toIdentities);
        place = world.Dice.Below(4) switch
        {
            0 => place with { Timeline = place.Timeline + 1 },
            1 => place with { Database = place.Database + 1 },
            _ => place,
        };
    }

    public Task<LedgerSight> LookAsync(HostMark? mark, CancellationToken cancellation)
    {
        world.Ledger.ThrowIfAway();
        var identity = identities.LastOrDefault();
        var last = events.Count > 0 ? MarkOf(events.Count) : null;
        return Task.FromResult(new LedgerSight(place, identity, last, mark is null ? MarkIs.None : What(mark, identity), world.Ledger.Freeze));
    }

    public Task<LedgerIdentity?> AddAsync(LedgerIdentity identity, CancellationToken cancellation)
    {
        world.Ledger.ThrowIfAway();
        if (identities.Exists(known => known.Number == identity.Number))
            return Task.FromResult<LedgerIdentity?>(null);
        var id = Dice.Of(world.Seed, "identity", names++).Name();
        var stored = identity with { Id = id, Ledger = identity.Ledger == default ? id : identity.Ledger };
        identities.Add(stored);
        return Task.FromResult<LedgerIdentity?>(stored);
    }

    public Task<IReadOnlyList<LedgerIdentity>> HistoryAsync(CancellationToken cancellation)
    {
        world.Ledger.ThrowIfAway();
        return Task.FromResult<IReadOnlyList<LedgerIdentity>>([.. identities]);
    }

    public Task<IReadOnlyList<MerchantAccount>> AccountsAsync(CancellationToken cancellation)
    {
        world.Ledger.ThrowIfAway();
        return Task.FromResult<IReadOnlyList<MerchantAccount>>([.. served]);
    }

    // Accounts are served from the first start on, so that no backup is without them.
    public Task ServeAsync(IReadOnlyCollection<MerchantAccount> accounts, Instant now, CancellationToken cancellation)
    {
        world.Ledger.ThrowIfAway();
        served.AddRange(accounts.Except(served));
        return Task.CompletedTask;
    }

    public Task<Instant?> LastEventBeforeAsync(Instant time, CancellationToken cancellation)
    {
        world.Ledger.ThrowIfAway();
        var last = events.FindLastIndex(e => e.At < time);
        return Task.FromResult<Instant?>(last < 0 ? null : events[last].At);
    }

    /// <summary>Whether a host has kept that it has seen what is not here any more.</summary>
    public bool IsGone(SimMarks folder) => identities is [var first, ..] && folder.Read(first.Ledger) is { } mark && What(mark, identities[^1]) == MarkIs.Gone;

    private EventMark MarkOf(int sequence) => new(sequence, $"{events[sequence - 1].Stamp}");

    private MarkIs What(HostMark mark, LedgerIdentity? identity) => mark.In(
        identity, identities.Exists(known => known.Id == mark.Identity),
        mark.Last.Sequence <= events.Count && MarkOf((int)mark.Last.Sequence) == mark.Last);
}

/// <summary>A host's state folder: it outlives the host's processes and every restore.</summary>
internal sealed class SimMarks : IHostMarks
{
    private readonly Dictionary<Guid, HostMark> kept = [];

    public string PathOf(Guid ledger) => $"{ledger}";

    public HostMark? Read(Guid ledger) => kept.GetValueOrDefault(ledger);

    public void Write(HostMark mark)
    {
        if (!(Read(mark.Ledger) is { } before && before.Identity == mark.Identity && before.Last.Sequence > mark.Last.Sequence))
            kept[mark.Ledger] = mark;
    }
}
