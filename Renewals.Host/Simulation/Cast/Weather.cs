using NodaTime;

namespace Renewals.Host.Simulation.Cast;

/// <summary>What happens to rails, notifier and people outside: outages, refunds by hand, orders nobody made.</summary>
internal sealed class Weather(SimWorld world)
{
    public void Start()
    {
        world.Repeat(Fault.Outage, Duration.FromDays(150), RailOutage);
        world.Repeat(Fault.Outage, Duration.FromDays(200), NotifierOutage);
        world.Repeat(Fault.Elsewhere, Duration.FromDays(60), RefundElsewhere);
        world.Repeat(Fault.BrokenWord, Duration.FromDays(300), InventOrder);
    }

    private void RailOutage()
    {
        var rail = world.Dice.Of(world.Rails);
        var until = world.Now + world.Dice.Between(Duration.FromMinutes(5), Duration.FromDays(world.Dice.Chance(0.2) ? 9 : 1));
        world.Troubles.Add((world.Now, until));
        if (world.Dice.Chance(0.5))
        {
            world.Reach.Saw(Mark.RailBreakerOpen);
            rail.BreakerOpenUntil = until;
        }
        else
        {
            world.Reach.Saw(Mark.RailOutage);
            rail.DownUntil = until;
        }

        world.Story?.Say(null, $"{rail.Account} is out of reach until {until}");
    }

    private void NotifierOutage()
    {
        world.Reach.Saw(Mark.NotifierOutage);
        world.Notifier.DownUntil = world.Now + world.Dice.Between(Duration.FromMinutes(10), Duration.FromDays(world.Dice.Chance(0.3) ? 8 : 1));
        world.Troubles.Add((world.Now, world.Notifier.DownUntil));
    }

    private void RefundElsewhere()
    {
        var paid = world.Dice.Of(world.Rails).Orders.Values.Where(order => order is { Stage: Rails.OrderStage.Paid, WordBroken: false, Refunds.Count: 0 }).ToList();
        if (paid.Count == 0)
            return;
        var order = world.Dice.Of(paid);
        var rail = world.Rails.Single(rail => rail.Orders.GetValueOrDefault(order.Text) == order);

        // What goes back on our own account is not given back by hand as well.
        if (world.Ledger.Track(order.Number.Charge.Subscription)?.State is not { } known || known.Refunds.Any(refund => refund.Order == order.Number) || !(known.PaidThrough >= order.Number.Charge.Ordinal))
            return;
        rail.RefundElsewhere(order);
    }

    private void InventOrder()
    {
        var active = world.Ledger.Tracks.Where(track => track.State.Status == Core.Subscriptions.SubscriptionStatus.Active && track.State.PaidThrough > 0).ToList();
        if (active.Count == 0)
            return;
        var state = world.Dice.Of(active).State;
        world.Rails.Single(rail => rail.Account == state.Account).InventOrder(state);
    }
}
