using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Callbacks;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Host.Service;

/// <summary>The WeChat Pay sandbox beside the service, on real time, wired to it both ways.</summary>
internal sealed class SandboxRail : IAsyncDisposable
{
    /// <summary>What an unknown member starts with: 1,000 yuan.</summary>
    private const long OpeningBalance = 100_000;

    private readonly SandboxServer server;
    private readonly WeChatPaySandbox sandbox;

    private SandboxRail(SandboxServer server, WeChatPaySandbox sandbox) => (this.server, this.sandbox) = (server, sandbox);

    /// <summary>The account the sandbox knows. Its keys are made at every start; its number stays.</summary>
    public static MerchantAccount Account { get; } = new(WeChatPayOptions.Rail, "1900000109");

    /// <summary>What is sold when no plan is configured: a month for 25 yuan, the first for 9.90.</summary>
    public static Plan SamplePlan { get; } = new()
    {
        Id = "monthly", Subject = "会员连续包月", Interval = BillingInterval.Monthly, Price = Money.Cny(2_500),
        FirstPeriodPrice = Money.Cny(990),
        Templates = new Dictionary<MerchantAccount, string> { [Account] = "90001" },
    };

    /// <summary>Where it listens.</summary>
    public Uri Address => server.Address;

    /// <summary>Starts it.</summary>
    /// <param name="service">Where the service listens.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<SandboxRail> StartAsync(Uri service, CancellationToken cancellation)
    {
        var options = new WeChatPaySandboxOptions
        {
            CallbacksAtOnce = 8,
            Credentials = WeChatPaySandboxCredentials.Generate(NodaTime.Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), Account.Number),
        };
        var bank = new SandboxBank(OpeningBalance);
        var sandbox = new WeChatPaySandbox(options, bank, TimeProvider.System) { MerchantNotifyUrl = new Uri(service, CallbackEndpoint.PathOf(Account)) };
        return new SandboxRail(await SandboxServer.StartAsync(0, bank, [sandbox], selfDriven: true, cancellation), sandbox);
    }

    /// <summary>Points an adapter at it.</summary>
    public void Configure(WeChatPayOptions options) => sandbox.Configure(options, server.Address);

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
