using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.Stripe;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Stripe;

namespace Renewals.Tests.Sandbox.Stripe;

/// <summary>The sandbox on a movable clock, the adapter in front of it, and a raw caller with the same key.</summary>
internal sealed class StripeWorld : IAsyncDisposable
{
    private static readonly SubscriptionId Membership = new(new Guid("01970000-0000-7000-8000-000000000001"));
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly StripeGateway gateway;

    private StripeWorld(SandboxServer server, StripeSandbox sandbox, MerchantPost post, FakeTimeProvider clock, StripeOptions options)
    {
        (Server, Sandbox, Post, Clock) = (server, sandbox, post, clock);
        gateway = new StripeGateway(options, () => http, clock);
    }

    public SandboxServer Server { get; }

    public StripeSandbox Sandbox { get; }

    public MerchantPost Post { get; }

    public FakeTimeProvider Clock { get; }

    public IPaymentGateway Gateway => gateway;

    public IExaminedGateway Doctor => gateway;

    public SandboxBank Bank => Sandbox.Bank;

    public Instant Now => Instant.FromDateTimeOffset(Clock.GetUtcNow());

    public IEnumerable<CallbackReading> Readings => Post.Came.Select(callback => Gateway.ReadCallback(callback, Now));

    public static async Task<StripeWorld> StartAsync(StripeSandboxOptions? sandboxOptions = null, Action<StripeOptions>? configure = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 2, 0, 0, TimeSpan.Zero));
        var bank = new SandboxBank();
        bank.OpenAccount("ann", 100_000);
        var post = await MerchantPost.OpenAsync();
        var sandbox = new StripeSandbox(sandboxOptions ?? new(), bank, clock) { MerchantNotifyUrl = new Uri(post.Url("/callback")) };
        var server = await SandboxServer.StartAsync(0, bank, [sandbox], selfDriven: false, CancellationToken.None);
        var options = new StripeOptions();
        sandbox.Configure(options, server.Address, new Uri(post.Url("/callback")));
        options.Resilience.Retries = 0;
        configure?.Invoke(options);
        return new StripeWorld(server, sandbox, post, clock, options);
    }

    public static AgreementId Agreement(int n) => new(new Guid(n, 0, 0, new byte[8]));

    public static OrderNumber Number(int period, int attempt = 1) => new Charge(Membership, ChargeKind.Renewal, period).Attempt(attempt);

    public AgreementOrder Unsigned(int n = 1) => new(Agreement(n), "card", null, Now);

    public SigningRequest Signing(int n = 1, FirstPaymentOrder? first = null) =>
        new(Agreement(n), "card", SigningScene.MobileBrowser, "ann", null, null, Now, first, new(BillingInterval.Monthly, Money.Cny(1500), new(2026, 6, 1)));

    public ChargeOrder Charge(AgreementOrder agreement, int period = 1, long fen = 1500, int attempt = 1) =>
        new(Number(period, attempt), agreement, Money.Cny(fen), "会员续费 <&>", Now);

    public RefundOrder Refund(ChargeOrder order, string transaction, long fen, int number = 1) =>
        new(order.Number.Refund(number), order.Amount, Money.Cny(fen), "goodwill", transaction, Now);

    /// <summary>Signs through the page; gives the agreement with the rail's id.</summary>
    public async Task<AgreementOrder> SignedAsync(int n = 1, string member = "ann")
    {
        var unsigned = Unsigned(n);
        (await Gateway.StartSigningAsync(Signing(n), CancellationToken.None)).Should().BeOfType<SigningAnswer.Ready>();
        var signed = await Sandbox.ConfirmSigningAsync(Agreement(n).SigningCode, member);
        await RunForAsync(Duration.FromSeconds(1));
        return unsigned with { RailAgreementId = signed.RailAgreementId };
    }

    public async Task RunForAsync(Duration span)
    {
        var end = Now + span;
        while (Sandbox.NextDue is { } due && due <= end)
        {
            if (due > Now)
                Clock.SetUtcNow(due.ToDateTimeOffset());
            await Sandbox.RunDueAsync(CancellationToken.None);
        }

        if (end > Now)
            Clock.SetUtcNow(end.ToDateTimeOffset());
    }

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string body, string? key = null, string? secret = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.Address, $"/v1/{path}"));
        request.Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret ?? Sandbox.Credentials.SecretKey);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    public async Task<(int Status, string Text)> BrowseAsync(Uri address, IEnumerable<KeyValuePair<string, string>>? form = null)
    {
        using var answer = form is null ? await http.GetAsync(address) : await http.PostAsync(address, new FormUrlEncodedContent(form));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        gateway.Dispose();
        http.Dispose();
        await Server.DisposeAsync();
        await Post.DisposeAsync();
    }
}
