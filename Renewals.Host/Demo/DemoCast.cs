using System.Collections.Concurrent;
using NodaTime;
using Renewals.Core.Engine;

namespace Renewals.Host.Demo;

/// <summary>Plays the members: they sign through the rail's real messages over HTTP, and leave when their script says so.</summary>
internal sealed class DemoCast(DemoWorld world, IReadOnlyList<DemoMember> members) : IDisposable
{
    private readonly DemoWallet wallet = new(world.Sandbox.Address);

    private readonly Queue<(Instant At, DemoMember Member, bool Signs)> script = new(
        members.Select(member => (At: member.SignsAt, member, Signs: true))
            .Concat(members.Where(member => member.LeavesAt is not null).Select(member => (At: member.LeavesAt!.Value, member, Signs: false)))
            .OrderBy(act => act.At).ThenBy(act => act.member.Name, StringComparer.Ordinal));

    private readonly ConcurrentDictionary<string, Instant> cancelled = new(StringComparer.Ordinal);

    /// <summary>When the next member acts; null: nobody does any more.</summary>
    public Instant? Next => script.TryPeek(out var act) ? act.At : null;

    /// <summary>Members whose cancel the merchant confirmed, and when.</summary>
    public IReadOnlyDictionary<string, Instant> Cancelled => cancelled;

    /// <summary>Lets everybody act whose time has come.</summary>
    public async Task ActAsync(Instant now, CancellationToken cancellation)
    {
        while (script.TryPeek(out var act) && act.At <= now)
        {
            script.Dequeue();
            if (act.Signs)
                await SignAsync(act.Member, cancellation);
            else
                await LeaveAsync(act.Member, cancellation);
        }
    }

    public void Dispose() => wallet.Dispose();

    private async Task SignAsync(DemoMember member, CancellationToken cancellation)
    {
        var rail = world.Rails[member.Rail];
        var request = new SignRequest
        {
            Id = member.Id, Member = member.Name, PlanId = member.PlanId, Account = rail.Account, Scene = member.Scene, DisplayAccount = member.Name,
            ClientAddress = "203.0.113.7", PayWhileSigning = member.PaysWhileSigning,
        };
        var answer = await world.Memberships.SignAsync(rail.Introduce(request, member), cancellation);
        if (answer is not SignResult.Ready { Page: var page })
            throw new InvalidOperationException($"{member.Name} could not sign at {rail.Account}: {answer}.");
        var agreement = (await world.Memberships.FindAsync(member.Id, cancellation))!.Agreement.Id;
        await rail.SignAsync(wallet, page, member, agreement, cancellation);
    }

    private async Task LeaveAsync(DemoMember member, CancellationToken cancellation)
    {
        if (await world.Memberships.FindAsync(member.Id, cancellation) is not { Status: Core.Subscriptions.SubscriptionStatus.Active } subscription)
            return;
        if (member.How == Leaving.InWallet)
        {
            await world.Rails[member.Rail].LeaveAsync(subscription.Agreement.Id);
            return;
        }

        await world.Memberships.CancelAsync(member.Id, "the member asked", cancellation: cancellation);
        cancelled.TryAdd(member.Name, world.Clock.Now);
    }
}
