using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Audit;

/// <summary>What would become of an account's backlog, from now on and if nothing else went wrong. Nothing was written or sent for it.</summary>
/// <remarks>It takes for granted that every notice is handed over, every agreement is in force and every charge is paid at its first try.</remarks>
public sealed record CatchUpReport
{
    /// <summary>Whose backlog.</summary>
    public required MerchantAccount Account { get; init; }

    /// <summary>When it was looked at.</summary>
    public required Instant At { get; init; }

    /// <summary>By plan and policy; only those with memberships that are behind.</summary>
    public IReadOnlyList<CatchUpLine> Lines { get; init; } = [];

    /// <summary>How many memberships are behind.</summary>
    public long Behind => Lines.Sum(line => line.Behind);

    /// <summary>What would go out late, by currency.</summary>
    public IReadOnlyList<LateForecast> Late { get; init; } = [];

    /// <summary>Stops in force that concern the account.</summary>
    public IReadOnlyList<ChargeStop> Stops { get; init; } = [];

    /// <summary>Whether it goes out by itself: no limit or stop is in the way, and nobody is asked.</summary>
    public bool GoesOutByItself => Lines.All(line => line.Asked == 0) && Late.All(late => late.StopsAt is null) && (Behind == 0 || Stops.Count == 0);
}

/// <summary>The backlog of one plan under one policy.</summary>
/// <param name="Plan">Which plan.</param>
/// <param name="Policy">What its members' terms say of missed periods.</param>
/// <param name="Currency">Of its prices.</param>
public sealed record CatchUpLine(string Plan, CatchUpPolicy Policy, string Currency)
{
    /// <summary>Memberships with a period that began longer ago than a charge may be late, and is neither paid nor settled otherwise.</summary>
    public long Behind { get; init; }

    /// <summary>Periods that were missed: over, or without a lawful day left.</summary>
    public long MissedPeriods { get; init; }

    /// <summary>Charges that would go out late.</summary>
    public long Charges { get; init; }

    /// <summary>Their money, in minor units.</summary>
    public long Money { get; init; }

    /// <summary>Periods that are never charged and leave a gap.</summary>
    public long NotCharged { get; init; }

    /// <summary>Periods that are given.</summary>
    public long Forgiven { get; init; }

    /// <summary>Memberships that wait, or would wait, for a person to decide of missed periods.</summary>
    public long Asked { get; init; }

    /// <summary>What the periods they missed come to, in minor units.</summary>
    public long AskedMoney { get; init; }

    /// <summary>Memberships behind that wait for something else: another reason to be parked, a suspended agreement, an order in flight.</summary>
    public long Waiting { get; init; }

    /// <summary>When the first notice of a late charge goes out; null: it went out already, or there is none.</summary>
    public Instant? FirstNoticeAt { get; init; }

    /// <summary>When the first late order goes out; null: there is none.</summary>
    public Instant? FirstChargeAt { get; init; }

    /// <summary>When the last goes out.</summary>
    public Instant? LastChargeAt { get; init; }
}

/// <summary>Late money against its limit.</summary>
/// <param name="Currency">Which money.</param>
/// <param name="Total">What would go out late, in minor units.</param>
/// <param name="Limit">What may go out within the window that runs, or the next one, in minor units.</param>
/// <param name="StopsAt">When the limit would stop it; null: it would not.</param>
/// <param name="GoneBy">What would have gone out by then, in minor units.</param>
public sealed record LateForecast(string Currency, long Total, long Limit, Instant? StopsAt, long GoneBy);
