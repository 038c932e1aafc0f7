using Renewals.Core.Plans;
using Renewals.Host.Callbacks;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Service;

/// <summary>The sandbox beside the service, on real time: every rail, wired to the service both ways.</summary>
internal sealed class ServiceSandbox : IAsyncDisposable
{
    private readonly SandboxServer server;
    private readonly Uri service;

    private ServiceSandbox(SandboxServer server, Uri service) => (this.server, this.service) = (server, service);

    /// <summary>What is sold when no plan is configured: a month for 25 yuan, the first for 9.90.</summary>
    public static Plan SamplePlan { get; } = new()
    {
        Id = "monthly", Subject = "会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500),
        FirstPeriodPrice = Money.Cny(990),
        Templates = SandboxRails.All.ToDictionary(rail => rail.Account, rail => rail.Template),
    };

    /// <summary>Where it listens.</summary>
    public Uri Address => server.Address;

    /// <summary>Starts it.</summary>
    /// <param name="service">Where the service listens.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ServiceSandbox> StartAsync(Uri service, CancellationToken cancellation)
    {
        var bank = new SandboxBank(SandboxRails.OpeningBalance);
        var rails = SandboxRails.All.Select(rail => rail.Open(rail.Number, bank, TimeProvider.System)).ToList();
        foreach (var rail in rails)
            rail.MerchantNotifyUrl = new Uri(service, CallbackEndpoint.PathOf(rail.Account));
        return new ServiceSandbox(await SandboxServer.StartAsync(0, bank, rails, selfDriven: true, cancellation), service);
    }

    /// <summary>Adds an adapter for each rail.</summary>
    public void AddTo(IServiceCollection services)
    {
        foreach (var (kind, rail) in SandboxRails.All.Zip(server.Rails))
            kind.Add(services, rail, server.Address, new Uri(service, CallbackEndpoint.PathOf(rail.Account)));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
