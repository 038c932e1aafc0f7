using Renewals.Core.Audit;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Simulation.Ports;

/// <summary>An engine's way to erasures: while it looks for what names a member, others may go first; the erasing itself is one transaction.</summary>
internal sealed class ErasuresPort(SimWorld world, EngineLife life) : IErasures
{
    private InMemoryErasures Inner
    {
        get
        {
            world.Ledger.ThrowIfAway();
            return world.Ledger.Erasures;
        }
    }

    public async Task<IReadOnlyList<KeptDocument>> CallbacksOfAsync(IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation)
    {
        await life.HopAsync();
        return await Inner.CallbacksOfAsync(memberships, cancellation);
    }

    public Task<IReadOnlyList<KeptDocument>> SharedAsync(IReadOnlyCollection<string> rails, CancellationToken cancellation) => Inner.SharedAsync(rails, cancellation);

    public Task EraseAsync(ErasureWork work, CancellationToken cancellation) => Inner.EraseAsync(world.Planted.Erased(work), cancellation);

    public Task<IReadOnlyList<ErasureReport>> FindAsync(string member, CancellationToken cancellation) => Inner.FindAsync(member, cancellation);
}
