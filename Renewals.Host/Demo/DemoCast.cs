using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;

namespace Renewals.Host.Demo;

/// <summary>Plays the members: they sign through the rail's real messages over HTTP, and leave when their script says so.</summary>
internal sealed class DemoCast(DemoWorld world, IReadOnlyList<DemoMember> members) : IDisposable
{
    private readonly HttpClient wallet = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = world.Sandbox.BaseAddress };

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
        var request = new SignRequest
        {
            Id = member.Id, Member = member.Name, PlanId = member.PlanId, Account = world.Account, Scene = member.Scene, DisplayAccount = member.Name,
            ClientAddress = "203.0.113.7", PayerId = world.Sandbox.OpenIdOf(member.Name), PayWhileSigning = member.PaysWhileSigning,
        };
        if (await world.Memberships.SignAsync(request, cancellation) is not SignResult.Ready { Page: var page })
            throw new InvalidOperationException($"{member.Name} could not sign.");
        await OpenAsync(page, cancellation);
        await FinishAsync(page, member, cancellation);
    }

    // What the member's device does first: a page is fetched, which the rail verifies.
    private async Task OpenAsync(SigningPage page, CancellationToken cancellation)
    {
        if (page is not SigningPage.Redirect { Address: var address })
            return;
        using var answer = await wallet.GetAsync(address, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private async Task FinishAsync(SigningPage page, DemoMember member, CancellationToken cancellation)
    {
        var code = (await world.Memberships.FindAsync(member.Id, cancellation))!.Agreement.Id.SigningCode;
        var pending = member.PaysWhileSigning || page is not SigningPage.MiniProgram
            ? world.Sandbox.PendingSignings.Single(signing => signing.ContractCode == code)
            : null;
        if (member.PaysWhileSigning)
            await PostAsync($"/sandbox/cashier/{pending!.PrepayId}/pay", new { member = member.Name, renew = member.KeepsRenewal ? "true" : "false" }, cancellation);
        else if (page is SigningPage.MiniProgram mini)
            await PostAsync("/sandbox/mini-program", new { member = member.Name, extraData = mini.ExtraData }, cancellation);
        else
            await PostAsync($"/sandbox/signings/{code}/confirm", new { member = member.Name }, cancellation);
    }

    private async Task LeaveAsync(DemoMember member, CancellationToken cancellation)
    {
        if (await world.Memberships.FindAsync(member.Id, cancellation) is not { Status: Core.Subscriptions.SubscriptionStatus.Active } subscription)
            return;
        if (member.How == Leaving.InWallet)
        {
            await PostAsync($"/sandbox/contracts/{subscription.Agreement.Id.SigningCode}/terminate", new { mode = "2" }, cancellation);
            return;
        }

        await world.Memberships.CancelAsync(member.Id, "the member asked", cancellation: cancellation);
        cancelled.TryAdd(member.Name, world.Clock.Now);
    }

    private async Task PostAsync(string path, object body, CancellationToken cancellation)
    {
        using var answer = await wallet.PostAsJsonAsync(path, body, JsonSerializerOptions.Default, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The wallet refused {path}: {await answer.Content.ReadAsStringAsync(cancellation)}");
    }
}
