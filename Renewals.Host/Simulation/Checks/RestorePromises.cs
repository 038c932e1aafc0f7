using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Cast;

namespace Renewals.Host.Simulation.Checks;

/// <summary>From the moment a ledger stepped back to its adoption nothing but questions goes out, save what was decided before.</summary>
/// <remarks>
/// By what happened to the database. A host that was down while the lost events were seen cannot know of them; the first that can must freeze the ledger
/// before it does anything else, and from then on the others must be still too.
/// </remarks>
internal sealed class FrozenIsStill(SimWorld world) : Promise(world)
{
    // What another host knows of the ledger may be a second old, and its commit takes a while.
    private static readonly Duration Known = Duration.FromSeconds(2);

    public override string Name => "frozen-is-still";

    public override void Acting(EngineLife life, SubscriptionId? about, string what)
    {
        if (World.Ledger.UnadoptedSince is not { } since)
            return;
        if (World.Ledger.FrozenAt is not { } frozen)
            Hold(WasDecided(life, about) <= since || !World.Engines.SomebodyKnows(Engines.WatchAfter), about, $"{what} goes out, the database was put back, and no engine has noticed");
        else if (about is null)
            Hold(World.Ticks <= Math.Max(frozen, life.PausedUntil) + (long)WireTolerance.TotalTicks, null, $"{what} goes out while nobody has adopted the ledger");
        else
            Hold(WasDecided(life, about) <= frozen + (long)Known.TotalTicks, about, $"{what} goes out, decided after the ledger was frozen and before anybody adopted it");
    }

    // Once the freeze is stored no order is committed, whatever a host knows.
    public override void Committed(bool isIntent, Ports.Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        if (World.Ledger.FrozenAt is null)
            return;
        foreach (var e in events)
            Hold(e is not Requested { Authority: not ChargeAuthority.MemberPresent }, track.Id, "an order is committed to a frozen ledger");
    }

    /// <summary>A person comes to adopt the ledger: somebody must have noticed.</summary>
    public void IsNoticed() => Hold(
        World.Ledger.IsAway || World.Ledger.FrozenAt is not null || !World.Engines.SomebodyKnows(Engines.WatchAfter + Engines.WatchAfter), null,
        "the database was put back, and no engine has noticed");

    private long WasDecided(EngineLife life, SubscriptionId? about) =>
        about is { } id && life.Claimed.TryGetValue(id, out var claim) ? claim.At : World.Ticks;
}
