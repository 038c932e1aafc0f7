using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.UnionPay;
using Renewals.Host.Sandbox.UnionPay;

namespace Renewals.Tests.Sandbox.UnionPay;

/// <summary>The merchant's adapter in front of a sandbox: nothing between them but HTTP.</summary>
internal sealed class UnionPayAdapterWorld : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SubscriptionId Membership = new(new Guid("01970000-0000-7000-8000-000000000001"));
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly UnionPayGateway adapter;

    private UnionPayAdapterWorld(UnionPayWorld world, UnionPayOptions options)
    {
        World = world;
        adapter = new UnionPayGateway(options, () => http, world.Clock);
    }

    public UnionPayWorld World { get; }

    public IPaymentGateway Gateway => adapter;

    /// <summary>Starts both; the options are those the sandbox prints, and are valid as they are.</summary>
    public static async Task<UnionPayAdapterWorld> StartAsync(UnionPaySandboxOptions? sandbox = null, Action<UnionPayOptions>? configure = null)
    {
        var world = await UnionPayWorld.StartAsync(sandbox);
        var options = new UnionPayOptions();
        world.Sandbox.Configure(options, world.Server.Address, new Uri(world.Post.Url("/callback")));
        options.Resilience.RetryDelay = TimeSpan.FromMilliseconds(1);
        configure?.Invoke(options);
        new UnionPayOptionsCheck().Validate(null, options).Failures.Should().BeNull();
        return new UnionPayAdapterWorld(world, options);
    }

    public static AgreementId Agreement(int n) => new(new Guid(n, 0, 0, new byte[8]));

    public static OrderNumber Number(int period, int attempt = 1) => new Charge(Membership, ChargeKind.Renewal, period).Attempt(attempt);

    public SigningRequest Signing(AgreementId agreement, string member = "ann", string? smsCode = null)
    {
        var card = World.Sandbox.CardOf(member);
        return new(
            agreement, "01", SigningScene.MobileBrowser, member, "10.1.2.3", null, World.Now, null,
            new(BillingInterval.Monthly, Money.Cny(1500), new(2026, 6, 1)),
            new PayerCard(card.Number, card.Holder, "01", card.CertificateNumber, card.Phone, smsCode));
    }

    public AgreementOrder Order(AgreementId agreement, Instant startedAt, string? railId = null) =>
        new(agreement, "01", railId, startedAt, World.Sandbox.CardOf("ann").Number);

    public ChargeOrder Charge(AgreementOrder agreement, int period, long fen = 1500, int attempt = 1) =>
        new(Number(period, attempt), agreement, Money.Cny(fen), "会员续费 <&>", World.Now);

    /// <summary>Signs agreement 1 by the page; gives it with the rail's name of it.</summary>
    public async Task<AgreementOrder> SignedAsync()
    {
        var started = World.Now;
        var form = ((SigningPage.Form)((SigningAnswer.Ready)await Gateway.StartSigningAsync(Signing(Agreement(1)), None)).Page)!;
        (await World.BrowseAsync(form.Address.PathAndQuery, new(form.Fields))).Should().Contain("/confirm");
        var result = await World.Sandbox.ConfirmSigningAsync(Agreement(1).SigningCode, "ann");
        result.Refusal.Should().BeNull();
        await World.RunForAsync(5);
        return Order(Agreement(1), started, result.RailAgreementId);
    }

    /// <summary>Every notification so far, as the adapter reads it.</summary>
    public IEnumerable<CallbackReading> Readings => World.Post.Came.Select(callback => Gateway.ReadCallback(callback, World.Now));

    public async ValueTask DisposeAsync()
    {
        adapter.Dispose();
        http.Dispose();
        await World.DisposeAsync();
    }
}
