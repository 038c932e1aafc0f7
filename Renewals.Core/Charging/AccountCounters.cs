using NodaTime;

namespace Renewals.Core.Charging;

/// <summary>What all hosts together charge at one merchant account: permits, and the count of the minute. One row, locked while a batch takes from it.</summary>
/// <param name="Minute">The minute that is counted, since 1970.</param>
/// <param name="Charges">Orders committed in it.</param>
/// <param name="Forecast">What the book had due for it when it began.</param>
/// <param name="Free">Permits that were free …</param>
/// <param name="FreeAt">… at this time.</param>
public sealed record ChargeCounters(long Minute, int Charges, int Forecast, double Free, Instant FreeAt)
{
    /// <summary>Of an account that never charged: a full second's permits, no minute yet.</summary>
    public static ChargeCounters New { get; } = new(-1, 0, 0, 0, NodaConstants.UnixEpoch);

    /// <summary>The minute an instant lies in.</summary>
    public static long MinuteOf(Instant at) => at.ToUnixTimeSeconds() / 60;

    /// <summary>Whether a minute begins. The clocks of hosts differ a little: who comes late counts to the minute that has begun.</summary>
    public bool Begins(Instant now) => MinuteOf(now) > Minute;

    /// <summary>The first look in a minute.</summary>
    public ChargeCounters Begin(Instant now, int forecast) => this with { Minute = MinuteOf(now), Charges = 0, Forecast = forecast };

    /// <summary>With the permits that came since; no more than a second's are kept.</summary>
    public ChargeCounters Refill(Instant now, int perSecond) => now <= FreeAt
        ? this
        : this with { Free = Math.Min(perSecond, Free + ((now - FreeAt).TotalSeconds * perSecond)), FreeAt = now };

    /// <summary>One order more, for one permit.</summary>
    public ChargeCounters Charge() => this with { Charges = Charges + 1, Free = Free - 1 };
}

/// <summary>What is known of orders at one merchant account: the last outcomes, and orders that are not ours. One row.</summary>
/// <param name="Outcomes">The last outcomes in order, a letter each: <see cref="AccountNews.Paid"/> or <see cref="AccountNews.Declined"/>.</param>
/// <param name="ForeignOrders">Orders that are not ours …</param>
/// <param name="ForeignSince">… since this time, for 24 hours.</param>
public sealed record OutcomeCounters(string Outcomes, int ForeignOrders, Instant ForeignSince)
{
    /// <summary>Of an account of which nothing was heard.</summary>
    public static OutcomeCounters New { get; } = new("", 0, NodaConstants.UnixEpoch);

    /// <summary>Counts what was heard, one after another.</summary>
    /// <returns>The counters after it, and the fuses it blows with their counters.</returns>
    public (OutcomeCounters After, IReadOnlyList<(FuseRule Rule, FuseCounters Counters)> Blown) Hear(AccountNews news, FuseLimits limits, Instant now)
    {
        List<(FuseRule, FuseCounters)> blown = [];
        void Judge(FuseCounters counters)
        {
            if (Fuses.Judge(counters, limits) is { } rule && blown.TrueForAll(b => b.Item1 != rule))
                blown.Add((rule, counters));
        }

        var known = Last(Outcomes, limits.OutcomeWindow);
        foreach (var letter in news.Outcomes)
        {
            known = Last(known + letter, limits.OutcomeWindow);
            if (letter == AccountNews.Declined)
                Judge(new() { Outcomes = known.Length, Declines = known.Count(l => l == AccountNews.Declined) });
        }

        var isNewDay = now - ForeignSince >= Duration.FromDays(1);
        var (foreign, since) = isNewDay && news.ForeignOrders > 0 ? (news.ForeignOrders, now) : (ForeignOrders + news.ForeignOrders, ForeignSince);
        if (news.ForeignOrders > 0)
            Judge(new() { ForeignOrders = foreign });
        return (new(known, foreign, since), blown);
    }

    private static string Last(string text, int count) => text.Length <= count ? text : text[^count..];
}

/// <summary>What a transaction brings to <see cref="OutcomeCounters"/>.</summary>
/// <param name="Outcomes">Outcomes of our orders, a letter each.</param>
/// <param name="ForeignOrders">How many orders that are not ours.</param>
/// <param name="About">Which, for whoever resets the fuse; no personal data.</param>
public sealed record AccountNews(string Outcomes, int ForeignOrders = 0, string About = "")
{
    /// <summary>An order was paid.</summary>
    public const char Paid = 'p';

    /// <summary>An order was declined.</summary>
    public const char Declined = 'd';

    /// <summary>Nothing.</summary>
    public static AccountNews None { get; } = new("");

    /// <summary>The fuses these counters blow, as stops of an account.</summary>
    internal IEnumerable<ChargeStop> Stops(
        Gateways.MerchantAccount account, IEnumerable<(FuseRule Rule, FuseCounters Counters)> blown, FuseLimits limits, Instant now) =>
        blown.Select(b => new ChargeStop
        {
            Scope = Fuses.ScopeOf(b.Rule), Key = account.ToString(), Account = account, Rule = b.Rule, At = now, By = ChargeLeave.Engine,
            Why = Fuses.Words(b.Rule, b.Counters, limits) + (b.Rule == FuseRule.ForeignOrder && About.Length > 0 ? $": {About}" : ""),
        });
}
