using NodaTime;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Charging;

/// <summary>What is late: money of a renewal that should have been taken before and is taken now. A merchant account takes so much of it within a day and no more.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>an order is</term><description>late</description></listheader>
/// <item><term>for the first period</term><description>never: nothing was due before</description></item>
/// <item><term>sent no more than <see cref="FuseLimits.LateAfter"/> after its period began</term><description>no</description></item>
/// <item><term>the next try after a decline</term><description>no: the charge went out in its time, or was counted when it went out late</description></item>
/// <item><term>the repeat of a late order that was not taken</term><description>no: it was counted</description></item>
/// <item><term>any other</term><description>yes, with its amount</description></item>
/// </list>
/// </remarks>
public static class LateMoney
{
    /// <summary>What the coming order of a membership would take late; null: it is in time, or counted already.</summary>
    public static Money? Of(Subscription s, FuseLimits limits, Instant now)
    {
        if (s.Cycle is not { Ordinal: > 1 } cycle || now - cycle.Due <= limits.LateAfter)
            return null;
        var isCounted = s.Attempts.Any(attempt => attempt.Order.Charge.Ordinal == cycle.Ordinal
            && (attempt.Status == AttemptStatus.Declined || attempt.OrderedAt - cycle.Due > limits.LateAfter));
        return isCounted ? null : cycle.Amount;
    }
}

/// <summary>The late money of one account and currency within one window of time. A new window begins with the first late charge after the last.</summary>
/// <param name="Currency">ISO code; each currency is counted by itself.</param>
/// <param name="Since">From here …</param>
/// <param name="Until">… to here, exclusive.</param>
/// <param name="Raised">The limit a person gave it, in minor units; null: the engine's own.</param>
/// <param name="Taken">What was ordered late within it, in minor units.</param>
/// <param name="By">Who began it: <c>engine</c>, or who raised the limit.</param>
/// <param name="Why">Why the limit was raised; empty for the engine's.</param>
public sealed record LateWindow(string Currency, Instant Since, Instant Until, long? Raised, long Taken, string By, string Why)
{
    /// <summary>How long the engine's own limit is for.</summary>
    public static Duration Lasts { get; } = Duration.FromDays(1);

    /// <summary>How long a limit stands that a person raised for a backlog, unless it is used up before.</summary>
    public static Duration RaiseLasts { get; } = Duration.FromDays(30);

    /// <summary>The window for a late charge: the last one while it runs, a new one after it.</summary>
    public static LateWindow For(LateWindow? last, string currency, Instant now) =>
        last is not null && now < last.Until ? last : new(currency, now, now + Lasts, null, 0, ChargeLeave.Engine, "");

    /// <summary>The window a person begins: so much may go out late for this backlog, from now on.</summary>
    public static LateWindow Raise(Money limit, Instant now, string by, string why) => new(limit.Currency, now, now + RaiseLasts, limit.MinorUnits, 0, by, why);

    /// <summary>How much may go out late within it.</summary>
    public Money LimitOf(FuseLimits limits) => new(Raised ?? limits.LateMoney, Currency);

    /// <summary>What is late with one charge more.</summary>
    public Money With(Money amount) => new Money(Taken, Currency) + amount;

    /// <summary>After one charge more.</summary>
    public LateWindow Take(Money amount) => this with { Taken = With(amount).MinorUnits };
}
