using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Host.Simulation.Ports;

namespace Renewals.Host.Simulation.Checks;

/// <summary>A period that is over is charged only where the terms, or a person, say so: the oldest first, never two open, each with a notice of its own.</summary>
internal sealed class CaughtUpByTheTerms(SimWorld world) : Promise(world)
{
    private readonly Dictionary<string, Charge> announced = new(StringComparer.Ordinal);

    public override string Name => "caught-up-by-the-terms";

    // A notice of an event that was lost may be given again, for what is then due.
    public override void Restored(Instant to)
    {
        announced.Clear();
        foreach (var e in World.Ledger.Tracks.SelectMany(track => track.Events).OfType<Requested>())
        {
            if (e.Authority is ChargeAuthority.Notice notice)
                announced.TryAdd(notice.NoticeId, e.Order.Charge);
        }
    }

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        var state = before;
        foreach (var e in events)
        {
            if (e is Requested { Authority: not ChargeAuthority.MemberPresent } requested && state?.Periods is { } periods)
                Look(track, state, periods, requested);
            state = Evolve.Next(state, e);
        }
    }

    private void Look(Track track, Subscription state, Periods periods, Requested e)
    {
        var charge = e.Order.Charge;
        Hold(charge.Ordinal > state.SkippedThrough, track.Id, $"{Word(e.Order)} is sent, and its period is never charged");
        if (e.Authority is ChargeAuthority.Notice notice)
            Hold(announced.TryAdd(notice.NoticeId, charge) || announced[notice.NoticeId] == charge, track.Id, $"{Word(e.Order)} goes out under the notice of another charge");
        if (charge.Kind != ChargeKind.CatchUp && e.At < periods.End(charge.Ordinal))
            return;
        Hold(MayBeLate(track, state, charge), track.Id, $"{Word(e.Order)} is for a period that is over, and the terms are {state.Terms.CatchUp}");
        Hold(charge.Ordinal == Math.Max(state.PaidThrough, state.SkippedThrough) + 1, track.Id, $"{Word(e.Order)} goes out before an older one");
        Hold(state.Attempts.All(a => a.Order == e.Order || a.Status != AttemptStatus.InFlight), track.Id, $"{Word(e.Order)} goes out while another is open");
    }

    private static bool MayBeLate(Track track, Subscription state, Charge charge) => state.Terms.CatchUp == CatchUpPolicy.OldestFirst
        || (state.Terms.CatchUp == CatchUpPolicy.Ask && track.Events.Any(e => e is CatchUpDecided { As: CatchUpPolicy.OldestFirst } x && charge.Ordinal <= x.Through));
}

/// <summary>No account takes more money late than its limit, or the one a person gave it for a backlog. Counted apart from the ledger.</summary>
internal sealed class LateMoneyWithinLimit(SimWorld world) : Promise(world)
{
    private readonly Dictionary<MerchantAccount, (LateWindow? Window, int Raises)> late = [];

    public override string Name => "late-money-within-limit";

    // What the ledger has lost it cannot count: from here on it is counted from what it then knew.
    public override void Restored(Instant to)
    {
        IChargeStops stops = World.Ledger.Inner;
        foreach (var account in World.Rails.Select(rail => rail.Account))
            late[account] = (SimLedger.Done(stops.LateAsync(account, default)).SingleOrDefault(), World.Members.Raises.Count(raise => raise.Account == account));
    }

    public override void Committed(bool isIntent, Track track, Subscription? before, IReadOnlyList<SubscriptionEvent> events)
    {
        foreach (var e in events)
        {
            if (e is Requested { Account: var account } && before is not null && LateMoney.Of(before, World.EngineOptions.Value.Fuses, e.At) is { } money)
                Look(track, account, e.At, money);
        }
    }

    private void Look(Track track, MerchantAccount account, Instant at, Money money)
    {
        var (last, known) = late.GetValueOrDefault(account);
        var raises = World.Members.Raises.Where(raise => raise.Account == account).ToList();
        if (raises.Count > known)
            last = LateWindow.Raise(Money.Cny(raises[^1].Limit), raises[^1].At, "operator", "looked");
        var window = LateWindow.For(last, money.Currency, at);
        var limit = window.LimitOf(World.EngineOptions.Value.Fuses);
        Hold(window.With(money) <= limit, track.Id, $"late charges of {account} come to {window.With(money)} since {window.Since}; {limit} are borne");
        late[account] = (window.Take(money), raises.Count);
    }
}
