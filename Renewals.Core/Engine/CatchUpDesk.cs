using Microsoft.Extensions.Logging;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What a person does about a backlog: decides what becomes of missed periods, and raises the money limit of late charges.</summary>
public sealed class CatchUpDesk
{
    private const int DecidedAtOnce = 200;

    private readonly ISubscriptionLedger ledger;
    private readonly OutcomeDoor door;
    private readonly RegisteredGateways gateways;
    private readonly IChargeStops stops;
    private readonly EngineClock clock;
    private readonly ILogger<CatchUpDesk> logger;

    internal CatchUpDesk(
        ISubscriptionLedger ledger, OutcomeDoor door, RegisteredGateways gateways, IChargeStops stops, EngineClock clock, ILogger<CatchUpDesk> logger) =>
        (this.ledger, this.door, this.gateways, this.stops, this.clock, this.logger) = (ledger, door, gateways, stops, clock, logger);

    /// <summary>
    /// Raises the limit for this backlog: so much may go out late at the account from now on, for up to 30 days, whatever went out before. Late charges that
    /// were stopped go on. When it is used up they stop again; after it the engine's own limit counts.
    /// </summary>
    /// <param name="account">Which.</param>
    /// <param name="limit">How much; 1 or more.</param>
    /// <param name="by">Who has looked at the backlog.</param>
    /// <param name="why">Why so much may go out; kept for ever.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The stop that ended by it; null: late charges were not stopped.</returns>
    /// <exception cref="ArgumentException">Nobody or no reason is named, or the limit is below 1.</exception>
    public async Task<ChargeStop?> RaiseAsync(MerchantAccount account, Money limit, string by, string why, CancellationToken cancellation = default)
    {
        FuseBox.Require(by, why);
        if (limit.MinorUnits < 1)
            throw new ArgumentException("The limit is 1 or more, in minor units.", nameof(limit));
        var now = clock.Now;
        var ended = await stops.RaiseAsync(account, LateWindow.Raise(limit, now, by, why), new(now, by, $"late charges may come to {limit} from now on: {why}"), cancellation);
        EngineLog.LateMoneyRaised(logger, account.ToString(), limit.ToString(), by, why);
        return ended;
    }

    /// <summary>Decides of one membership that waits for it.</summary>
    /// <returns>True: it goes on, or had been decided at this moment by somebody else; false: there is none, or it does not wait for that.</returns>
    /// <inheritdoc cref="DecideAllAsync"/>
    public async Task<bool> DecideAsync(SubscriptionId id, CatchUpPolicy policy, string by, string why, CancellationToken cancellation = default)
    {
        if (await ledger.FindAsync(id, cancellation) is not { Parked: ParkReason.CatchUpUndecided } waiting)
            return false;
        await RecordAsync(waiting.Account, [id], policy, by, why, cancellation);
        return true;
    }

    /// <summary>Decides of all memberships of an account that wait for it.</summary>
    /// <param name="account">Which.</param>
    /// <param name="plan">Only of this plan; null: of all.</param>
    /// <param name="policy">What becomes of the missed periods; anything but <see cref="CatchUpPolicy.Ask"/>.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="why">Why; kept for ever.</param>
    /// <param name="progress">Told how many were decided.</param>
    /// <param name="cancellation">Gives up; what was decided stays.</param>
    /// <returns>How many.</returns>
    /// <exception cref="ArgumentException">Nobody or no reason is named, or the rail does not allow what was decided.</exception>
    /// <exception cref="CommitUnknownException">A commit was not confirmed; deciding again is no error.</exception>
    public async Task<long> DecideAllAsync(
        MerchantAccount account, string? plan, CatchUpPolicy policy, string by, string why, IProgress<long>? progress = null,
        CancellationToken cancellation = default)
    {
        var decided = 0L;
        List<SubscriptionId> waiting = [];
        await foreach (var s in ledger.ReadMembershipsAsync(account, cancellation))
        {
            if (s.Parked != ParkReason.CatchUpUndecided || (plan is not null && plan != s.Terms.PlanId))
                continue;
            waiting.Add(s.Id);
            if (waiting.Count < DecidedAtOnce)
                continue;
            await RecordAsync(account, waiting, policy, by, why, cancellation);
            progress?.Report(decided += waiting.Count);
            waiting.Clear();
        }

        await RecordAsync(account, waiting, policy, by, why, cancellation);
        decided += waiting.Count;
        progress?.Report(decided);
        return decided;
    }

    private async Task RecordAsync(
        MerchantAccount account, IReadOnlyList<SubscriptionId> ids, CatchUpPolicy policy, string by, string why, CancellationToken cancellation)
    {
        FuseBox.Require(by, why);
        if (policy == CatchUpPolicy.Ask)
            throw new ArgumentException("To ask is no decision: say forgive, current period only or oldest first.", nameof(policy));
        if (policy == CatchUpPolicy.OldestFirst && !gateways[account].Traits.SeveralSuccessesPerPeriod)
            throw new ArgumentException($"{account} takes one success a period: missed periods cannot be charged late there.", nameof(policy));
        if (ids.Count == 0)
            return;
        List<Outcome> outcomes = [.. ids.Select(id => new Outcome.OfSubscription(id, new SubscriptionCommand.DecideCatchUp(policy, by, why)))];
        if (!await door.RecordAsync(account, outcomes, null, cancellation))
            throw new CommitUnknownException("It was not confirmed; ask again: deciding twice is no error.");
    }
}
