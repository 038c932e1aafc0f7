using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Renewals.Core;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Callbacks;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.UnionPay;
using Renewals.Tests.Support;

namespace Renewals.Tests.Sandbox.UnionPay;

/// <summary>The engine, in memory, in front of a sandbox: calls and callbacks over HTTP, statements read daily, one clock.</summary>
internal sealed class UnionPayEngine : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly IHost host;
    private readonly LoopbackServer callbacks;

    private UnionPayEngine(UnionPayWorld world, IHost host, LoopbackServer callbacks) => (World, this.host, this.callbacks) = (world, host, callbacks);

    public UnionPayWorld World { get; }

    public SubscriptionId Id { get; } = Samples.IdOf(1);

    private ReconciliationWorker Audit => host.Services.GetRequiredService<ReconciliationWorker>();

    private ISubscriptionLedger Ledger => host.Services.GetRequiredService<ISubscriptionLedger>();

    public static async Task<UnionPayEngine> StartAsync(UnionPaySandboxOptions sandbox)
    {
        var world = await UnionPayWorld.StartAsync(sandbox with { EmptyFiles = true });
        IHost? host = null;
        var callbacks = await LoopbackServer.StartAsync(
            0, routes => routes.MapCallbacks(
                () => host!.Services.GetRequiredService<CallbackDesk>(), () => host!.Services.GetRequiredService<RegisteredGateways>(), 65_536), None);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton<INotifier>(new ScriptedRail(world.Clock));
        builder.Services.AddUnionPay(options =>
        {
            world.Sandbox.Configure(options, world.Server.Address, new Uri(callbacks.Address, CallbackEndpoint.PathOf(world.Sandbox.Account)));
            (options.Resilience.CallsPerSecond, options.Resilience.Burst, options.Resilience.FailureRatio) = (10_000, 10_000, 1);
            options.Resilience.Retries = 0;
        });
        builder.Services.AddRenewals(options =>
        {
            (options.InMemory, options.RunWorker, options.Vault.CurrentKey) = (true, false, "k1");
            options.Vault.Keys["k1"] = new byte[32];
            options.Plans.Add(new()
            {
                Id = "monthly", Subject = "Monthly", Interval = BillingInterval.Monthly, Price = Money.Cny(2500),
                Templates = new Dictionary<MerchantAccount, string> { [world.Sandbox.Account] = "01" },
            });
        });
        host = builder.Build();
        await host.StartAsync();
        return new(world, host, callbacks);
    }

    /// <summary>Member "ann" signs on the rail's page; the first period is charged under the consent just given.</summary>
    public async Task SignAsync()
    {
        var card = World.Sandbox.CardOf("ann");
        var answer = await host.Services.GetRequiredService<Memberships>().SignAsync(new SignRequest
        {
            Id = Id, Member = "ann", PlanId = "monthly", Account = World.Sandbox.Account, Scene = SigningScene.MobileBrowser, DisplayAccount = "ann",
            Card = new PayerCard(card.Number, card.Holder, "01", card.CertificateNumber, card.Phone),
        });
        var form = answer.Should().BeOfType<SignResult.Ready>().Subject.Page.Should().BeOfType<SigningPage.Form>().Subject;
        await World.BrowseAsync(form.Address.PathAndQuery, new(form.Fields));
        var code = (await Ledger.FindAsync(Id, None))!.Agreement.Id.SigningCode;
        (await World.Sandbox.ConfirmSigningAsync(code, "ann")).Refusal.Should().BeNull();
    }

    /// <summary>Moves to whatever is next, and does it, for some days.</summary>
    public async Task PassAsync(int days)
    {
        var end = World.Now + Duration.FromDays(days);
        for (var steps = 0; ; steps++)
        {
            steps.Should().BeLessThan(2_000, "something is due and never done");
            while (await host.Services.GetRequiredService<RenewalWorker>().SweepAllAsync(None) + await World.Sandbox.RunDueAsync(None)
                + await Audit.RunDueAsync(World.Now, None) > 0)
            {
            }

            var next = new[] { await Ledger.NextAlarmAsync(None), World.Sandbox.NextDue, Audit.NextDue }.Min() ?? end;
            if (next >= end)
                break;
            if (next > World.Now)
                World.MoveTo(next);
        }

        World.MoveTo(end);
    }

    public async Task<IReadOnlyList<TEvent>> EventsAsync<TEvent>()
        where TEvent : SubscriptionEvent => [.. (await Ledger.ReadEventsAsync(Id, None)).OfType<TEvent>()];

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
        await callbacks.DisposeAsync();
        await World.DisposeAsync();
    }
}
