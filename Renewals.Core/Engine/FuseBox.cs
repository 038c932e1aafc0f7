using Microsoft.Extensions.Logging;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Core.Engine;

/// <summary>What a person does about charging: looks at fuses and holds, holds, releases, resets. Everything is kept with who and why.</summary>
public sealed class FuseBox
{
    private readonly IChargeStops stops;
    private readonly EngineClock clock;
    private readonly ILogger<FuseBox> logger;

    internal FuseBox(IChargeStops stops, EngineClock clock, ILogger<FuseBox> logger) => (this.stops, this.clock, this.logger) = (stops, clock, logger);

    /// <summary>Fuses and holds, newest first.</summary>
    /// <param name="all">False: only those in force.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<IReadOnlyList<ChargeStop>> ListAsync(bool all = false, CancellationToken cancellation = default) => stops.ListAsync(!all, cancellation);

    /// <summary>Stops charging at an account. Orders that were committed before still go out.</summary>
    /// <inheritdoc cref="HoldEverythingAsync"/>
    public Task<StopResult> HoldAccountAsync(MerchantAccount account, string by, string why, CancellationToken cancellation = default) =>
        HoldAsync(StopScope.Account, account.ToString(), account, by, why, cancellation);

    /// <summary>Stops charging of a plan, at every account.</summary>
    /// <inheritdoc cref="HoldEverythingAsync"/>
    public Task<StopResult> HoldPlanAsync(string plan, string by, string why, CancellationToken cancellation = default) =>
        HoldAsync(StopScope.Plan, plan, null, by, why, cancellation);

    /// <summary>Stops all charging.</summary>
    /// <param name="by">Who does it.</param>
    /// <param name="why">Why; kept for ever.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">Nobody or no reason is named.</exception>
    public Task<StopResult> HoldEverythingAsync(string by, string why, CancellationToken cancellation = default) =>
        HoldAsync(StopScope.Everything, "", null, by, why, cancellation);

    /// <summary>Puts a blown fuse in again: what it has counted so far counts no more, and charging goes on.</summary>
    /// <param name="id">The fuse's number.</param>
    /// <param name="by">Who has looked.</param>
    /// <param name="why">What was found.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">Nobody or no reason is named.</exception>
    public Task<StopResult> ResetAsync(long id, string by, string why, CancellationToken cancellation = default) =>
        EndAsync(id, true, by, why, cancellation);

    /// <summary>Ends a hold.</summary>
    /// <inheritdoc cref="ResetAsync"/>
    public Task<StopResult> ReleaseAsync(long id, string by, string why, CancellationToken cancellation = default) =>
        EndAsync(id, false, by, why, cancellation);

    private async Task<StopResult> HoldAsync(
        StopScope scope, string key, MerchantAccount? account, string by, string why, CancellationToken cancellation)
    {
        Require(by, why);
        if (!await stops.HasMembershipsAsync(scope, key, cancellation))
            return new StopResult.NothingMatched(scope == StopScope.Everything ? "There is no membership." : $"There is no membership of {scope.ToString().ToLowerInvariant()} {key}.");
        var hold = new ChargeStop { Scope = scope, Key = key, Account = account, At = clock.Now, By = by, Why = why };
        if (await stops.HoldAsync(hold, cancellation) is not { } stored)
            return new StopResult.NothingMatched($"Charging of {hold.Words} is held already.");
        EngineLog.Held(logger, stored.Id, stored.Words, by, why);
        return new StopResult.Done(stored);
    }

    private async Task<StopResult> EndAsync(long id, bool isFuse, string by, string why, CancellationToken cancellation)
    {
        Require(by, why);
        switch (await stops.FindAsync(id, cancellation))
        {
            case null:
                return new StopResult.NothingMatched($"There is no fuse or hold {id}.");
            case { End: { } end }:
                return new StopResult.NothingMatched($"{id} was ended already, at {end.At} by {end.By}: {end.Why}");
            case { Rule: FuseRule.Frozen }:
                return new StopResult.NothingMatched("The ledger is frozen: the command adopt ends that, once the rails were asked what it does not know.");
            case { IsOfLateCharges: true }:
                return new StopResult.NothingMatched("The late charges of the account reached their money limit: the command catch-up raises it for this backlog.");
            case { Rule: var rule } when rule is not null != isFuse:
                return new StopResult.NothingMatched(isFuse ? $"{id} is a hold; release it." : $"{id} is a fuse; reset it.");
        }

        if (await stops.EndAsync(id, new(clock.Now, by, why), cancellation) is not { } ended)
            return new StopResult.NothingMatched($"{id} has just been ended by somebody else.");
        EngineLog.StopEnded(logger, id, ended.Words, by, why);
        return new StopResult.Done(ended);
    }

    internal static void Require(string by, string why)
    {
        if (string.IsNullOrWhiteSpace(by))
            throw new ArgumentException("Say who does it.", nameof(by));
        if (string.IsNullOrWhiteSpace(why))
            throw new ArgumentException("Say why; the reason is kept.", nameof(why));
    }
}

/// <summary>What came of holding, releasing or resetting.</summary>
public abstract record StopResult
{
    private StopResult()
    {
    }

    /// <summary>It is stored.</summary>
    public sealed record Done(ChargeStop Stop) : StopResult;

    /// <summary>Nothing was changed.</summary>
    /// <param name="Why">In a sentence.</param>
    public sealed record NothingMatched(string Why) : StopResult;
}

/// <summary>Says that a fuse has blown.</summary>
internal static class FuseAlarm
{
    public static void Sound(ILogger logger, IReadOnlyList<ChargeStop> blown)
    {
        foreach (var stop in blown)
        {
            if (stop.IsOfLateCharges)
                EngineLog.LateMoneyStopped(logger, stop.Id, stop.Why, stop.Words, stop.Key);
            else
                EngineLog.FuseBlown(logger, stop.Id, $"{stop.Rule}", stop.Why, stop.Words);
        }
    }
}
