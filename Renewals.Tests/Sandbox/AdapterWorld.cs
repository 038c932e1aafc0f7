using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox.WeChatPay;

namespace Renewals.Tests.Sandbox;

/// <summary>The merchant's adapter in front of a sandbox: nothing between them but HTTP.</summary>
internal sealed class AdapterWorld : IAsyncDisposable
{
    private static readonly SubscriptionId Membership = new(new Guid("01970000-0000-7000-8000-000000000001"));
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly WeChatPayGateway adapter;

    private AdapterWorld(SandboxWorld world, WeChatPayOptions options)
    {
        World = world;
        adapter = new WeChatPayGateway(options, () => http, world.Clock);
    }

    public SandboxWorld World { get; }

    public IPaymentGateway Gateway => adapter;

    public static async Task<AdapterWorld> StartAsync(WeChatPaySandboxOptions? sandbox = null, Action<WeChatPayOptions>? configure = null)
    {
        var world = await SandboxWorld.StartAsync(sandbox);
        var credentials = SandboxWorld.Credentials;
        var options = new WeChatPayOptions
        {
            BaseAddress = world.Server.Address, MchId = credentials.MchId, AppId = credentials.AppId, ApiV2Key = credentials.ApiV2Key,
            ApiV3Key = credentials.ApiV3Key, MerchantSerialNo = credentials.MerchantSerial,
            MerchantPrivateKeyPem = credentials.MerchantPrivateKeyPem, NotifyUrl = new Uri(world.Post.Url("/callback")),
        };
        configure?.Invoke(options);
        return new AdapterWorld(world, options);
    }

    public static AgreementId Agreement(int n) => new(new Guid(n, 0, 0, new byte[8]));

    public static OrderNumber Number(int period, int attempt = 1) => new Charge(Membership, ChargeKind.Renewal, period).Attempt(attempt);

    public SigningRequest Signing(AgreementId agreement, SigningScene scene, FirstPaymentOrder? first = null, string? payer = null) =>
        new(agreement, "90001", scene, "ann", "10.1.2.3", payer, World.Now, first, new(BillingInterval.Monthly, Money.Cny(1500), new(2026, 6, 1)));

    public static AgreementOrder Order(AgreementId agreement, string? railId = null) => new(agreement, "90001", railId);

    public ChargeOrder Charge(AgreementOrder agreement, int period, long fen = 1500, int attempt = 1) =>
        new(Number(period, attempt), agreement, Money.Cny(fen), "会员续费 <&>", World.Now);

    /// <summary>Signs agreement 1 in an app; gives it with the rail's id.</summary>
    public async Task<AgreementOrder> SignedAsync()
    {
        await Gateway.StartSigningAsync(Signing(Agreement(1), SigningScene.App), CancellationToken.None);
        var result = await World.Sandbox.ConfirmSigningAsync(Agreement(1).SigningCode, "ann");
        await World.RunForAsync(5);
        return Order(Agreement(1), result.RailAgreementId);
    }

    /// <summary>Every callback so far, as the adapter reads it.</summary>
    public IEnumerable<CallbackReading> Readings => World.Post.Came.Select(callback => Gateway.ReadCallback(callback, World.Now));

    public Task<string?> FetchKeysAsync() => adapter.RefreshPlatformKeysAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        adapter.Dispose();
        http.Dispose();
        await World.DisposeAsync();
    }
}
