using Renewals.Core.Plans;
using Renewals.Host.Callbacks;
using Renewals.Host.Sandbox;

namespace Renewals.Host.Service;

/// <summary>The sandbox beside the service: every rail, wired to the service both ways, on one calendar with it.</summary>
internal sealed class ServiceSandbox : IAsyncDisposable
{
    private readonly SandboxServer server;
    private readonly Uri service;
    private readonly SandboxClock clock;
    private readonly SandboxCalendar calendar;

    private ServiceSandbox(SandboxServer server, Uri service, SandboxClock clock, SandboxCalendar calendar) =>
        (this.server, this.service, this.clock, this.calendar) = (server, service, clock, calendar);

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
        var clock = new SandboxClock();
        var calendar = new SandboxCalendar(clock);
        var rails = SandboxRails.All.Select(rail => rail.Open(rail.Number, bank, clock)).ToList();
        foreach (var rail in rails)
            rail.MerchantNotifyUrl = new Uri(service, CallbackEndpoint.PathOf(rail.Account));
        return new ServiceSandbox(await SandboxServer.StartAsync(0, bank, rails, selfDriven: true, cancellation, calendar.Map), service, clock, calendar);
    }

    /// <summary>Where days can be let pass.</summary>
    public Uri Calendar => new(Address, "/_control/clock");

    /// <summary>Adds an adapter for each rail, and the calendar.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(clock);
        foreach (var (kind, rail) in SandboxRails.All.Zip(server.Rails))
            kind.Add(services, rail, server.Address, new Uri(service, CallbackEndpoint.PathOf(rail.Account)));
    }

    /// <summary>Lets the calendar be moved: a ledger that is kept would next time be ahead of it.</summary>
    public void Open(IServiceProvider engine) => calendar.Open(engine, () => server.NextDue);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        calendar.Dispose();
    }
}
