using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Checks;

/// <summary>While a person holds charging, no order is stored of what is held. A hold that is stored is known to every claim after it.</summary>
internal sealed class HeldIsNotCharged(SimWorld world) : Promise(world)
{
    public override string Name => "held-is-not-charged";

    public override void Committed(bool isIntent, Ports.Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        if (!events.Any(e => e is Requested { Authority: not ChargeAuthority.MemberPresent }))
            return;
        var hold = World.Members.Holds.InForce.FirstOrDefault(stop => stop.Covers(track.State));
        Hold(hold is null, track.Id, $"an order is stored, and charging of {hold?.Words} is held since {hold?.At}");
    }
}
