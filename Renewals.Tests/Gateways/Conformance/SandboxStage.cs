using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Gateways.Conformance;
using Renewals.Gateways.Resilience;
using Renewals.Host.Sandbox;

namespace Renewals.Tests.Gateways.Conformance;

/// <summary>One of our sandboxes as a stage, over HTTP. A further rail says only what its own words are.</summary>
internal abstract class SandboxStage<TRail> : IConformanceStage
    where TRail : ISandboxRail
{
    /// <summary>The members' one.</summary>
    protected static readonly HttpClient Browser = new();

    private static readonly Instant Start = new LocalDateTime(2026, 5, 1, 12, 0).WithOffset(Offset.FromHours(8)).ToInstant();

    private readonly ConcurrentQueue<StageCallback> came = new();
    private readonly List<IPaymentGateway> adapters = [];
    private readonly SandboxBank bank = new();
    private readonly ConformanceWire wire;
    private readonly HttpClient http;
    private SandboxServer? server;
    private LoopbackServer? post;

    protected SandboxStage()
    {
        wire = new(IsMoneyCall) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false } };
        http = new(wire) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Puts another adapter in front of the rail's good one.</summary>
    public Func<IPaymentGateway, IPaymentGateway> Disguise { get; init; } = adapter => adapter;

    public Instant Now => Instant.FromDateTimeOffset(Clock.GetUtcNow());

    public virtual Money Price => Money.Cny(1500);

    public abstract IReadOnlyDictionary<string, DeclineReason> Declines { get; }

    public IReadOnlyList<StageCallback> Callbacks => [.. came];

    public Func<Callback, CallbackReply>? Reply { get; set; }

    public int FaultsPlayed => wire.FaultsPlayed;

    protected FakeTimeProvider Clock { get; } = new(Start.ToDateTimeOffset());

    protected TRail Rail { get; private set; } = default!;

    protected Uri Address => server!.Address;

    protected Uri CallbackAddress => new(post!.Address, "/callback");

    /// <summary>Starts the rail and the address it calls back.</summary>
    public async Task<IConformanceStage> OpenAsync(CancellationToken cancellation)
    {
        post = await LoopbackServer.StartAsync(0, routes => routes.MapPost("/callback", TakeAsync), cancellation);
        Rail = OpenRail(bank);
        Rail.MerchantNotifyUrl = CallbackAddress;
        server = await SandboxServer.StartAsync(0, bank, [Rail], selfDriven: false, cancellation);
        return this;
    }

    public async Task<IPaymentGateway> OpenAdapterAsync(CancellationToken cancellation)
    {
        var adapter = Disguise(await NewAdapterAsync(() => http, cancellation));
        adapters.Add(adapter);
        return adapter;
    }

    public async Task AdvanceAsync(Duration by, CancellationToken cancellation)
    {
        var end = Now + by;
        while (Rail.NextDue is { } due && due <= end)
        {
            if (due > Now)
                Clock.SetUtcNow(due.ToDateTimeOffset());
            await Rail.RunDueAsync(cancellation);
        }

        if (end > Now)
            Clock.SetUtcNow(end.ToDateTimeOffset());
    }

    public Task SetBalanceAsync(string member, Money balance, CancellationToken cancellation)
    {
        bank.OpenAccount(member, balance.MinorUnits);
        return Task.CompletedTask;
    }

    public abstract SigningRequest NewSigning(AgreementId agreement, string member, SigningPlan plan);

    public virtual async Task<AgreementOrder?> ConfirmSigningAsync(
        SigningRequest request, SigningAnswer answer, string member, CancellationToken cancellation)
    {
        var signed = await Rail.ConfirmSigningAsync(PageOf(request, answer), member);
        return signed.Refusal is null
            ? new(request.Agreement, request.Template, signed.RailAgreementId, request.StartedAt, request.Card?.Number)
            : null;
    }

    public async Task EndAgreementAsync(AgreementOrder agreement, CancellationToken cancellation)
    {
        if (!await Rail.TerminateAsync(agreement.RailAgreementId!, TerminationMode.Member))
            throw new InvalidOperationException("The sandbox has no such agreement in force.");
    }

    public Task DeclineNextAsync(string member, string code, CancellationToken cancellation)
    {
        Rail.DeclineNext(member, code);
        return Task.CompletedTask;
    }

    public Task RefuseNextAsync(OrderNumber number, CancellationToken cancellation) => Rail.TryInjectFault(number.ToString(), "refuse-request")
        ? Task.CompletedTask
        : throw new InvalidOperationException($"The sandbox cannot refuse a request; it can {string.Join(", ", Rail.FaultWords)}.");

    public void Break(WireFault fault, string about) => wire.Break(fault, about);

    public void Mend() => wire.Mend();

    public IReadOnlyList<string> MoneyCalls(OrderNumber number) => [.. wire.MoneyCalls(number.ToString()).Select(OrderIn)];

    public abstract Callback WithoutSignature(Callback genuine);

    public Task<IReadOnlyList<StatementLine>> ReadBankLedgerAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<StatementLine>>(
        [.. bank.Entries.Select(entry => new StatementLine(entry.OrderNumber, entry.RefundNumber, entry.Amount, entry.TransactionId, entry.At))]);

    public async ValueTask DisposeAsync()
    {
        foreach (var adapter in adapters.OfType<IDisposable>())
            adapter.Dispose();
        http.Dispose();
        if (server is not null)
            await server.DisposeAsync();
        if (post is not null)
            await post.DisposeAsync();
    }

    protected abstract TRail OpenRail(SandboxBank bank);

    /// <summary>An adapter that talks through the wire and runs on <see cref="Clock"/>.</summary>
    protected abstract Task<IPaymentGateway> NewAdapterAsync(Func<HttpClient> http, CancellationToken cancellation);

    /// <summary>What of a call, address and body, is the order to the rail.</summary>
    protected virtual string OrderIn(string call) => call;

    /// <summary>What the sandbox knows a page by.</summary>
    protected virtual string PageOf(SigningRequest request, SigningAnswer answer) => request.Agreement.SigningCode;

    protected abstract bool IsMoneyCall(HttpRequestMessage request, string text);

    protected abstract bool CarriesTime(Callback callback);

    /// <summary>Nobody moves the clock between two tries, so they follow each other at once.</summary>
    protected static void RetryAtOnce(ResilienceOptions resilience) => resilience.RetryDelay = TimeSpan.Zero;

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var callback = new Callback(
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        came.Enqueue(new(callback, Now, CarriesTime(callback)));
        var reply = Reply?.Invoke(callback) ?? adapters[^1].ReplyTo(callback, true, "OK");
        (context.Response.StatusCode, context.Response.ContentType) = (reply.Status, reply.ContentType);
        await context.Response.WriteAsync(reply.Body);
    }
}
