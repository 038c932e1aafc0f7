using System.Data.Common;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Ledger;

namespace Renewals.Core.Engine;

/// <summary>Freezes a ledger that is not the one it was: copied, restored, stepped back, or of another environment.</summary>
/// <remarks>
/// What it was is written in the ledger; what a restore would take with it is kept by each host in a file of its own. The freeze is a stop of everything
/// in the ledger, stored as a hold is: when it is stored, no claim that does not know it can still commit an order, on any host. All else a frozen
/// ledger may not do is held back by a look before each claim, at most one a second.
/// </remarks>
internal sealed class LedgerGuard(
    ILedgerIdentities identities, IChargeStops stops, IHostMarks marks, RegisteredGateways gateways, EngineClock clock, TimeProvider time,
    IOptions<RenewalsOptions> options, EngineMetrics metrics, ILogger<LedgerGuard> logger) : IFreeze, IDisposable
{
    /// <summary>How old what is known may be before a claim.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim one = new(1);
    private volatile ChargeStop? known;
    private HostMark? mark;
    private HostMark? kept;
    private long lookedAt;
    private long keptAt;
    private bool looked;
    private bool unkept;

    public ChargeStop? Known => known;

    public Instant? LastSeenAt => mark?.SeenAt is { } seen ? Instant.FromUnixTimeMilliseconds(seen) : null;

    private string Environment => options.Value.Environment;

    public async Task StartAsync(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            await BeginAsync(cancellation);
            await LookOnceAsync(cancellation);
            if (known is null)
                await ServeAsync(cancellation);
        }
        finally
        {
            one.Release();
        }
    }

    public async ValueTask<ChargeStop?> LookAsync(CancellationToken cancellation)
    {
        if (IsFresh())
            return known;
        await one.WaitAsync(cancellation);
        try
        {
            if (!IsFresh())
                await LookOnceAsync(cancellation);
            return known;
        }
        finally
        {
            one.Release();
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            await LookOnceAsync(cancellation);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            EngineLog.LedgerUnseen(logger, e);
        }
        finally
        {
            Keep();
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private bool IsFresh() => Volatile.Read(ref looked) && time.GetElapsedTime(Interlocked.Read(ref lookedAt)) < LookEvery;

    // What an earlier process of this host has seen is read before anything new is seen.
    private async Task BeginAsync(CancellationToken cancellation)
    {
        var sight = await identities.LookAsync(null, cancellation);
        if (sight is { Identity: null, Last: null, Freeze: null })
        {
            await identities.AddAsync(FirstIdentity(sight.Place), cancellation);
            sight = await identities.LookAsync(null, cancellation);
        }

        if (sight.Identity is not { } identity)
            return;
        mark = marks.Read(identity.Ledger);
        if (mark is null && sight.Last is not null)
            EngineLog.NoMark(logger, marks.PathOf(identity.Ledger) is { } path ? $"{path} is not there" : "it has no state folder");
    }

    private LedgerIdentity FirstIdentity(LedgerPlace place) => new()
    {
        Number = 1, Environment = Environment, Place = place, At = clock.Now, By = System.Environment.MachineName, Why = "first start of an empty ledger",
    };

    private async Task LookOnceAsync(CancellationToken cancellation)
    {
        var stamp = time.GetTimestamp();
        var sight = await identities.LookAsync(mark, cancellation);
        if (sight.Freeze is null && sight.Judge(Environment) is { } why)
            sight = await FreezeAsync(why, cancellation);
        Tell(sight.Freeze);
        if (sight is { Freeze: null, Identity: { } identity, Last: { } last })
            See(identity, last);
        Interlocked.Exchange(ref lookedAt, stamp);
        Volatile.Write(ref looked, true);
    }

    private async Task<LedgerSight> FreezeAsync(string why, CancellationToken cancellation)
    {
        await stops.HoldAsync(
            new() { Scope = StopScope.Everything, Rule = FuseRule.Frozen, At = clock.Now, By = System.Environment.MachineName, Why = why }, cancellation);

        // Another host may have been first; its reason stands.
        var sight = await identities.LookAsync(mark, cancellation);
        return sight.Freeze is not null ? sight : throw new LedgerUnavailableException($"The ledger must be frozen and was not: {why}.");
    }

    private void Tell(ChargeStop? freeze)
    {
        if (freeze is not null && known?.Id != freeze.Id)
            EngineLog.Frozen(logger, freeze.At, freeze.Why);
        else if (freeze is null && known is not null)
            EngineLog.Adopted(logger);
        known = freeze;
        metrics.Frozen(freeze is not null);
    }

    private void See(LedgerIdentity identity, EventMark last)
    {
        if (mark is null || mark.Identity != identity.Id || mark.Last != last)
            mark = new(identity.Ledger, identity.Id, last) { SeenAt = clock.Now.ToUnixTimeMilliseconds() };
        if (kept is null || time.GetElapsedTime(keptAt) >= KeepEvery)
            Keep();
    }

    // A mark that is not kept is no reason to stop: it only notices less. It is said once, until it works again.
    private void Keep()
    {
        if (mark is null || mark == kept || known is not null)
            return;
        keptAt = time.GetTimestamp();
        try
        {
            marks.Write(mark);
            (kept, unkept) = (mark, false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!unkept)
                EngineLog.MarkUnkept(logger, e);
            unkept = true;
        }
    }

    // An account more is no other ledger, and one less is not charged.
    private async Task ServeAsync(CancellationToken cancellation)
    {
        var served = await identities.AccountsAsync(cancellation);
        var added = gateways.Accounts.Except(served).ToList();
        if (added.Count > 0)
            await identities.ServeAsync(added, clock.Now, cancellation);
        foreach (var account in added)
            EngineLog.AccountAdded(logger, account.ToString());
        foreach (var account in served.Except(gateways.Accounts))
            EngineLog.AccountNotServed(logger, account.ToString());
    }
}
