using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Charging;

/// <summary>An account's row as it was locked, and the stops that may concern a batch.</summary>
/// <param name="Charges">The counters.</param>
/// <param name="Stops">Stops in force, and fuses of memberships that were reset within 24 hours.</param>
public sealed record AccountGuard(ChargeCounters Charges, IReadOnlyList<ChargeStop> Stops)
{
    /// <summary>The newest window of late money of each currency.</summary>
    public IReadOnlyList<LateWindow> Late { get; init; } = [];
}

/// <summary>Whether a charge may be committed.</summary>
public enum Leave
{
    /// <summary>It may.</summary>
    Go = 0,

    /// <summary>Not yet: the account's permits are used up.</summary>
    Later = 1,

    /// <summary>Not before a person says so.</summary>
    Stopped = 2,
}

/// <summary>Which charges of a batch may be committed, one after another, and what that leaves of the account's row.</summary>
public sealed class ChargeLeave
{
    /// <summary>Who blows a fuse.</summary>
    public const string Engine = "engine";

    private readonly Dictionary<SubscriptionId, Leave> leaves = [];
    private readonly List<ChargeStop> blown = [];
    private readonly List<ChargeStop> open;
    private readonly Dictionary<string, LateWindow> known;
    private readonly Dictionary<string, LateWindow> late = [];

    private ChargeLeave(AccountGuard guard, ChargeCounters counters) =>
        (open, known, Charges) = ([.. guard.Stops.Where(stop => stop.IsOpen)], guard.Late.ToDictionary(window => window.Currency), counters);

    /// <summary>For a batch without charges.</summary>
    public static ChargeLeave NothingAsked { get; } = new(new(ChargeCounters.New, []), ChargeCounters.New);

    /// <summary>The account's counters after those that may.</summary>
    public ChargeCounters Charges { get; private set; }

    /// <summary>The windows in which charges of the batch were late, with what they take.</summary>
    public IReadOnlyCollection<LateWindow> Late => late.Values;

    /// <summary>Fuses that blew on the way.</summary>
    public IReadOnlyList<ChargeStop> Blown => blown;

    /// <summary>What holds for a membership; one that asked for nothing may.</summary>
    public Leave Of(SubscriptionId id) => leaves.GetValueOrDefault(id, Leave.Go);

    /// <summary>Judges the charges of a batch.</summary>
    /// <param name="account">Whose row it is.</param>
    /// <param name="guard">The row.</param>
    /// <param name="asking">The memberships that would be charged, each as it was before.</param>
    /// <param name="limits">What is borne.</param>
    /// <param name="now">When it is decided.</param>
    public static ChargeLeave Judge(MerchantAccount account, AccountGuard guard, IEnumerable<Subscription> asking, FuseLimits limits, Instant now)
    {
        var leave = new ChargeLeave(guard, guard.Charges.Refill(now, limits.ChargesPerSecond));
        foreach (var s in asking)
            leave.leaves[s.Id] = leave.Ask(account, s, MemberCharges(s, guard.Stops, now), limits, now);
        return leave;
    }

    private Leave Ask(MerchantAccount account, Subscription s, int memberCharges, FuseLimits limits, Instant now)
    {
        var lateMoney = LateMoney.Of(s, limits, now);
        if (open.Exists(stop => stop.Covers(s) && (lateMoney is not null || !stop.IsOfLateCharges)))
            return Leave.Stopped;
        if (Charges.Free < 1)
            return Leave.Later;
        var counters = new FuseCounters { MemberCharges = memberCharges + 1, MinuteCharges = Charges.Charges + 1, Forecast = Charges.Forecast };
        var window = lateMoney is { } amount ? LateWindow.For(late.GetValueOrDefault(amount.Currency, known.GetValueOrDefault(amount.Currency)!), amount.Currency, now) : null;
        if (window is not null)
            counters = counters with { LateMoney = window.With(lateMoney!.Value), LateLimit = window.LimitOf(limits) };
        if (Fuses.Judge(counters, limits) is not { } rule)
        {
            Charges = Charges.Charge();
            if (window is not null)
                late[window.Currency] = window.Take(lateMoney!.Value);
            return Leave.Go;
        }

        var scope = Fuses.ScopeOf(rule);
        var stop = new ChargeStop
        {
            Scope = scope, Key = scope == StopScope.Membership ? s.Id.ToString() : account.ToString(), Account = account, Rule = rule, At = now, By = Engine,
            Why = Fuses.Words(rule, counters, limits),
        };
        blown.Add(stop);
        open.Add(stop);
        return Leave.Stopped;
    }

    // Whoever reset the membership's fuse has looked at the orders before.
    private static int MemberCharges(Subscription s, IReadOnlyList<ChargeStop> stops, Instant now)
    {
        var since = now - RecentOrder.Kept;
        foreach (var stop in stops)
        {
            if (stop is { Rule: FuseRule.MemberCharges, End: { } end } && stop.Covers(s))
                since = Instant.Max(since, end.At);
        }

        return s.RecentOrders.Count(order => order.At > since);
    }
}
