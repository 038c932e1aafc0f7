using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Asks the account's row for leave to charge, for one batch, and lays aside the charges that do not get it.</summary>
/// <remarks>
/// The row is locked after the batch was decided, so that deciding never waits for another host; from then to the commit the hosts go one after
/// another. A batch without charges does not touch it: questions, refunds and ends go on whatever is stopped.
/// </remarks>
internal sealed class ChargeDesk(MerchantAccount account, ChargeLeave? leave, EngineOptions options, Instant now)
{
    /// <summary>A charge that waits for a person is looked at again after this, should nothing wake it before.</summary>
    internal static readonly Duration Longest = Duration.FromHours(6);

    private readonly List<HeldCharge> held = [];
    private int later;

    public static async Task<ChargeDesk> AskAsync(
        ILedgerBatch batch, MerchantAccount account, IReadOnlyList<Subscription> asking, Instant now, EngineOptions options, CancellationToken cancellation)
    {
        if (asking.Count == 0)
            return new(account, null, options, now);
        var limits = options.Fuses;

        // No more than a minute's permits and those in hand can be charged in a minute.
        var guard = await batch.LockAccountAsync(account, [.. asking.Select(s => s.Id)], now, 61 * limits.ChargesPerSecond, cancellation);
        return new(account, ChargeLeave.Judge(account, guard, asking, limits, now), options, now);
    }

    /// <summary>What holds for a membership.</summary>
    public Leave Of(SubscriptionId id) => leave?.Of(id) ?? Leave.Go;

    /// <summary>Until when the row of a membership is left alone whose charge is due and may not be made.</summary>
    public Instant LayAside(Subscription s, Leave why)
    {
        // Permits come one after another, and so do those who wait for them.
        if (why == Leave.Later)
            return now + Duration.FromSeconds(1 + (later++ / options.ChargesPerSecond));
        var until = Instant.Max(now + Duration.FromSeconds(1), Instant.Min(now + Longest, NextLook(s)));
        held.Add(new(s.Id, until));
        return until;
    }

    public void WriteTo(ILedgerBatch batch)
    {
        if (leave is not null)
            batch.WriteAccount(account, leave, held);
    }

    // Something else is due, or the window is over and what follows is decided as ever.
    private Instant NextLook(Subscription s)
    {
        var next = s.Cycle is { } cycle ? ChargeWindow.Of(s, cycle).Until + Duration.FromTicks(1) : s.ConsentUntil ?? Instant.MaxValue;
        foreach (var duty in Duty.Of(s))
        {
            if (duty.Due > now)
                next = Instant.Min(next, duty.Due);
        }

        return next;
    }
}
