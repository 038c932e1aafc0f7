using System.Collections.Concurrent;
using NodaTime;
using Renewals.Core.Engine;

namespace Renewals.Host.Demo;

/// <summary>Plays the members: they sign through the rail's real messages over HTTP, and leave when their script says so.</summary>
internal sealed class DemoCast : IDisposable
{
    private readonly DemoWorld world;
    private readonly DemoWallet wallet;
    private readonly Queue<(Instant At, Func<CancellationToken, Task> ActAsync)> script;

    public DemoCast(DemoWorld world, IReadOnlyList<DemoMember> members, IReadOnlyList<DemoStory> stories)
    {
        (this.world, wallet) = (world, new(world.Sandbox.Address));
        var signing = members.Select(member => (At: member.SignsAt, member.Name, Act: Acting(cancellation => SignAsync(member, cancellation))));
        var leaving = members.Where(member => member.LeavesAt is not null).Select(member => (At: member.LeavesAt!.Value, member.Name, Act: Acting(cancellation => LeaveAsync(member, cancellation))));
        var telling = stories.SelectMany(story => story.Steps.Select(step => (step.At, story.Member.Name, Act: Acting(cancellation => step.AskAsync(world, cancellation)))));
        script = new(signing.Concat(leaving).Concat(telling).OrderBy(act => act.At).ThenBy(act => act.Name, StringComparer.Ordinal).Select(act => (act.At, act.Act)));
    }

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
            await act.ActAsync(cancellation);
        }
    }

    public void Dispose() => wallet.Dispose();

    private static Func<CancellationToken, Task> Acting(Func<CancellationToken, Task> act) => act;

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
