using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to stops: whoever changes one waits for the accounts that are being charged.</summary>
internal sealed class StopsPort(SimWorld world, EngineLife life) : IChargeStops
{
    private IChargeStops Inner
    {
        get
        {
            world.Ledger.ThrowIfAway();
            return world.Ledger.Inner;
        }
    }

    public Task<IReadOnlyList<ChargeStop>> ListAsync(bool openOnly, CancellationToken cancellation) => Inner.ListAsync(openOnly, cancellation);

    public Task<ChargeStop?> FindAsync(long id, CancellationToken cancellation) => Inner.FindAsync(id, cancellation);

    public Task<bool> HasMembershipsAsync(StopScope scope, string key, CancellationToken cancellation) => Inner.HasMembershipsAsync(scope, key, cancellation);

    public Task<IReadOnlyList<LateWindow>> LateAsync(MerchantAccount account, CancellationToken cancellation) => Inner.LateAsync(account, cancellation);

    public async Task<ChargeStop?> RaiseAsync(MerchantAccount account, LateWindow window, StopEnd end, CancellationToken cancellation)
    {
        await world.Ledger.NoAccountLockedAsync(life);
        return await Inner.RaiseAsync(account, window, end, cancellation);
    }

    public async Task<ChargeStop?> HoldAsync(ChargeStop hold, CancellationToken cancellation)
    {
        await world.Ledger.NoAccountLockedAsync(life);
        var held = await Inner.HoldAsync(hold, cancellation);
        if (held is { Rule: FuseRule.Frozen })
        {
            world.Story?.Say(null, $"engine {life.Number} freezes the ledger: {held.Why}");
            world.Ledger.Frozen();
        }

        return held;
    }

    public async Task<ChargeStop?> EndAsync(long id, StopEnd end, CancellationToken cancellation)
    {
        await world.Ledger.NoAccountLockedAsync(life);
        var ended = await Inner.EndAsync(id, end, cancellation);
        if (ended is { Rule: FuseRule.Frozen })
            world.Ledger.Adopted();
        return ended;
    }
}
