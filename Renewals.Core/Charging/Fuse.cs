namespace Renewals.Core.Charging;

/// <summary>Why a fuse blows.</summary>
public enum FuseRule
{
    /// <summary>Too many charges of one membership within 24 hours. Stops the membership.</summary>
    MemberCharges = 0,

    /// <summary>More charges within a minute than the book had due. Stops the merchant account.</summary>
    OverForecast = 1,

    /// <summary>Nearly every charge is declined. Stops the merchant account.</summary>
    Declines = 2,

    /// <summary>An order of our form that we did not make. Stops the merchant account: somebody else charges there.</summary>
    ForeignOrder = 3,

    /// <summary>The ledger is a copy or was restored. Stops everything, also what is not a charge, until it is adopted.</summary>
    Frozen = 4,

    /// <summary>More money was taken late within a day than is borne. Stops the late charges of the merchant account, and only those.</summary>
    LateMoney = 5,
}

/// <summary>What was counted, with the charge, outcome or order in question.</summary>
public readonly record struct FuseCounters
{
    /// <summary>Orders of the membership within 24 hours; those the rail surely does not have are not among them.</summary>
    public int MemberCharges { get; init; }

    /// <summary>Orders committed at the account within the minute, by all hosts.</summary>
    public int MinuteCharges { get; init; }

    /// <summary>How many alarms of the account the book had for the minute when it began, those that had rung before included.</summary>
    public int Forecast { get; init; }

    /// <summary>How many of the account's last outcomes are looked at.</summary>
    public int Outcomes { get; init; }

    /// <summary>How many of them are declines.</summary>
    public int Declines { get; init; }

    /// <summary>Orders within 24 hours that are not ours.</summary>
    public int ForeignOrders { get; init; }

    /// <summary>Money of late charges within the window; default when the charge is not late.</summary>
    public Plans.Money LateMoney { get; init; }

    /// <summary>How much of it is borne within the window.</summary>
    public Plans.Money LateLimit { get; init; }
}

/// <summary>Up to where counters are borne. Every one has a test at the limit; the engine's options state defaults and ranges.</summary>
public sealed record FuseLimits
{
    /// <summary>Orders of one membership within 24 hours. Default 3.</summary>
    public int MemberCharges { get; init; } = 3;

    /// <summary>Orders of one account within a minute beyond its forecast. Default 1,000.</summary>
    public int OverForecast { get; init; } = 1_000;

    /// <summary>Orders an account may commit in a second, on all hosts together. Default 100.</summary>
    public int ChargesPerSecond { get; init; } = 100;

    /// <summary>How many of the last outcomes are looked at. Default 200.</summary>
    public int OutcomeWindow { get; init; } = 200;

    /// <summary>Fewer outcomes than this prove nothing. Default 100.</summary>
    public int LeastOutcomes { get; init; } = 100;

    /// <summary>The share of declines among them, 0 to 1. Default 0.9.</summary>
    public double DeclineShare { get; init; } = 0.9;

    /// <summary>Orders within 24 hours that are not ours. Default 0.</summary>
    public int ForeignOrders { get; init; }

    /// <summary>An order that goes out later than this after its period began is late. Default 24 h.</summary>
    public NodaTime.Duration LateAfter { get; init; } = NodaTime.Duration.FromHours(24);

    /// <summary>Money of late charges of one account and currency within a day, in minor units. Default 1,000,000.</summary>
    public long LateMoney { get; init; } = 1_000_000;
}

/// <summary>The fuses of charging: when too much happens, charging stops until a person has looked.</summary>
/// <remarks>A fuse is for faults nobody thought of; it knows nothing of plans, notices and dates, only numbers.</remarks>
public static class Fuses
{
    /// <summary>Which fuse these counters blow; null: none. At a limit nothing blows, one above it does.</summary>
    public static FuseRule? Judge(FuseCounters counters, FuseLimits limits) => counters switch
    {
        { MemberCharges: var n } when n > limits.MemberCharges => FuseRule.MemberCharges,
        { MinuteCharges: var n, Forecast: var due } when n > due + limits.OverForecast => FuseRule.OverForecast,
        { Outcomes: var n, Declines: var declined } when n >= limits.LeastOutcomes && declined > limits.DeclineShare * n => FuseRule.Declines,
        { ForeignOrders: var n } when n > limits.ForeignOrders => FuseRule.ForeignOrder,
        { LateMoney: var late, LateLimit: var most } when late > most => FuseRule.LateMoney,
        _ => null,
    };

    /// <summary>What a rule stops.</summary>
    public static StopScope ScopeOf(FuseRule rule) => rule switch
    {
        FuseRule.MemberCharges => StopScope.Membership,
        FuseRule.OverForecast or FuseRule.Declines or FuseRule.ForeignOrder or FuseRule.LateMoney => StopScope.Account,
        FuseRule.Frozen => StopScope.Everything,
        _ => throw new InvalidOperationException($"No scope for {rule}."),
    };

    /// <summary>What happened, in words, for whoever resets it.</summary>
    public static string Words(FuseRule rule, FuseCounters c, FuseLimits limits) => rule switch
    {
        FuseRule.MemberCharges => $"charge {c.MemberCharges} of the membership within 24 hours; {limits.MemberCharges} are borne",
        FuseRule.OverForecast => $"charge {c.MinuteCharges} of the minute; {c.Forecast} were due by the book and {limits.OverForecast} more are borne",
        FuseRule.Declines => $"{c.Declines} of the last {c.Outcomes} outcomes are declines; a share of {limits.DeclineShare} is borne",
        FuseRule.ForeignOrder => $"order {c.ForeignOrders} within 24 hours that is not ours; {limits.ForeignOrders} are borne",
        FuseRule.LateMoney => $"late charges come to {c.LateMoney} with the next one; {c.LateLimit} are borne",
        FuseRule.Frozen => "the ledger is not known to be the one it was",
        _ => throw new InvalidOperationException($"No words for {rule}."),
    };
}
