using System.Collections.Concurrent;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Host.Demo.Rails;

namespace Renewals.Host.Demo;

/// <summary>Plays the members: they sign through the rail's real messages over HTTP, and leave when their script says so.</summary>
internal sealed class DemoCast : IDisposable
{
    private readonly DemoWallet wallet;
    private readonly Queue<(Instant At, Func<CancellationToken, Task> ActAsync)> script;

    public DemoCast(DemoWorld world, IReadOnlyList<DemoMember> members, IReadOnlyList<DemoStory> stories)
    {
        (World, wallet) = (world, new(world.Sandbox.Address));
        var signing = members.Select(member => (At: member.SignsAt, member.Name, Act: Acting(cancellation => SignAsync(member, cancellation))));
        var leaving = members.Where(member => member.LeavesAt is not null).Select(member => (At: member.LeavesAt!.Value, member.Name, Act: Acting(cancellation => LeaveAsync(member, cancellation))));
        var telling = stories.SelectMany(story => story.Steps.Select(step => (step.At, story.Member.Name, Act: Acting(cancellation => step.AskAsync(this, cancellation)))));
        script = new(signing.Concat(leaving).Concat(telling).OrderBy(act => act.At).ThenBy(act => act.Name, StringComparer.Ordinal).Select(act => (act.At, act.Act)));
    }

    private readonly ConcurrentDictionary<string, Instant> cancelled = new(StringComparer.Ordinal);

    /// <summary>Where they live.</summary>
    public DemoWorld World { get; }

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
        var rail = World.Rails[member.Rail];
        var answer = await World.Memberships.SignAsync(rail.Introduce(RequestOf(member, rail), member), cancellation);
        if (answer is not SignResult.Ready { Page: var page })
            throw new InvalidOperationException($"{member.Name} could not sign at {rail.Account}: {answer}.");
        var agreement = (await World.Memberships.FindAsync(member.Id, cancellation))!.Agreement.Id;
        await rail.SignAsync(wallet, page, member, agreement, cancellation);
    }

    /// <summary>A member signs a further agreement at another rail.</summary>
    public async Task SignAnotherAsync(DemoMember member, string other, CancellationToken cancellation)
    {
        var rail = World.Rails[other];
        var known = rail.Introduce(RequestOf(member, rail), member);
        var answer = await World.Memberships.AddAgreementAsync(
            new()
            {
                Subscription = member.Id, Account = rail.Account, Scene = known.Scene, DisplayAccount = member.Name, ClientAddress = known.ClientAddress, PayerId = known.PayerId,

                // Not every rail says why an agreement is over.
                TakesOverAfterAnyEnd = true,
            },
            cancellation);
        if (answer is not SignResult.Ready { Page: var page })
            throw new InvalidOperationException($"{member.Name} could not sign at {rail.Account}: {answer}.");
        var agreement = (await World.Memberships.FindAsync(member.Id, cancellation))!.Backups.Single().Agreement.Id;
        await rail.SignAsync(wallet, page, member, agreement, cancellation);
    }

    /// <summary>The agreement a member began with runs out at its rail.</summary>
    public async Task RunOutAsync(DemoMember member, CancellationToken cancellation)
    {
        var agreement = (await World.Memberships.FindAsync(member.Id, cancellation))!.Agreement.Id;
        if (!await World.Rails[member.Rail].Sandbox.TerminateAsync(agreement.SigningCode, TerminationMode.Expired))
            throw new InvalidOperationException($"{member.Name} has no agreement in force at {member.Rail}.");
    }

    private static SignRequest RequestOf(DemoMember member, DemoRail rail) => new()
    {
        Id = member.Id, Member = member.Name, PlanId = member.PlanId, Account = rail.Account, Scene = member.Scene, DisplayAccount = member.Name,
        ClientAddress = "203.0.113.7", PayWhileSigning = member.PaysWhileSigning,
    };

    private async Task LeaveAsync(DemoMember member, CancellationToken cancellation)
    {
        if (await World.Memberships.FindAsync(member.Id, cancellation) is not { Status: Core.Subscriptions.SubscriptionStatus.Active } subscription)
            return;
        if (member.How == Leaving.InWallet)
        {
            await World.Rails[member.Rail].LeaveAsync(subscription.Agreement.Id);
            return;
        }

        await World.Memberships.CancelAsync(member.Id, "the member asked", cancellation: cancellation);
        cancelled.TryAdd(member.Name, World.Clock.Now);
    }
}
