using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.UnionPay;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>A simulator of UnionPay collection (银联代收), speaking the gateway's protocol over HTTP.</summary>
/// <remarks>
/// It verifies every request as strictly as the rail, signs its answers and notifications with a chain of its own, and enforces the rail's
/// rules against its bank. It has no clock of its own: settlements and notifications happen only in <see cref="RunDueAsync"/>. Ids are
/// hashes of what they belong to, so equal histories give equal figures.
/// </remarks>
public sealed class UnionPaySandbox : ISandboxRail
{
    /// <summary>The one-time code every member gets, as in the rail's test environment.</summary>
    public const string SmsCode = Payer.SmsCode;

    private readonly UnionPayState state;
    private readonly PlatformKeys keys;
    private readonly GatewayEndpoints endpoints;
    private readonly UnionPayFaults faults = new();
    private readonly CallbackSender sender;
    private readonly DueRunner runner;
    private int leaves = 1;

    /// <summary>Makes a rail that is to be mapped on a server.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="bank">Whose money moves; may be shared with other rails.</param>
    /// <param name="time">The only clock it knows.</param>
    public UnionPaySandbox(UnionPaySandboxOptions options, SandboxBank bank, TimeProvider time)
    {
        Check(options);
        var credentials = options.Credentials ?? UnionPaySandboxCredentials.Generate(Instant.FromDateTimeOffset(time.GetUtcNow()));
        state = new UnionPayState(options, credentials, bank, time);
        keys = new PlatformKeys(options, credentials);
        sender = new CallbackSender(options.CallbackTimeLimit, Callbacks);
        endpoints = new GatewayEndpoints(state, keys, faults, sender);
        runner = new DueRunner(state.Queue, sender, time, options.CallbacksAtOnce);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => state.Account;

    /// <inheritdoc/>
    public SandboxBank Bank => state.Bank;

    /// <summary>What a merchant's client needs to be configured.</summary>
    public UnionPaySandboxCredentials Credentials => state.Credentials;

    /// <summary>Kept, and never used: this rail tells a merchant nothing it did not ask for, removals at the bank neither.</summary>
    public Uri? MerchantNotifyUrl
    {
        get { lock (state.Gate) { return state.MerchantNotifyUrl; } }
        set { lock (state.Gate) { state.MerchantNotifyUrl = value; } }
    }

    /// <inheritdoc/>
    public CallbackScript Callbacks { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> FaultWords => UnionPayFaults.Words;

    /// <inheritdoc/>
    public Instant? NextDue => state.Queue.NextDue;

    /// <inheritdoc/>
    public IReadOnlyList<SandboxAgreement> Agreements
    {
        get
        {
            lock (state.Gate)
            {
                return [.. state.AllEntrusts.Select(entrust => entrust.View(state.Now)).OrderBy(view => view.SigningCode, StringComparer.Ordinal)];
            }
        }
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes, Func<Uri> address) => endpoints.Map(routes);

    /// <inheritdoc/>
    public Task<int> RunDueAsync(CancellationToken cancellation) => runner.RunDueAsync(cancellation);

    /// <summary>The holder of the card confirms a page that waits, as if in the browser.</summary>
    /// <param name="signingCode">The order number of the request, or its <c>billNo</c> or <c>bindId</c>.</param>
    /// <param name="member">Must be the holder of the card the merchant named; otherwise refused with 66.</param>
    public Task<SandboxSigning> ConfirmSigningAsync(string signingCode, string member) => Locked(() =>
        endpoints.Front.Confirm(
            state.Establishings.GetValueOrDefault(signingCode)
            ?? state.Establishings.Values.FirstOrDefault(known =>
                known.IsOpenAt(state.Now) && (known.Call["billNo"] == signingCode || known.Call["bindId"] == signingCode)),
            member));

    /// <summary>Ends an entrust at the bank. Nobody is told: a merchant learns it from a refused collection.</summary>
    /// <inheritdoc/>
    public Task<bool> TerminateAsync(string agreement, TerminationMode mode) => Locked(() =>
        state.AllEntrusts.FindLast(entrust =>
            entrust.IsInForceAt(state.Now) && (entrust.Origin.OrderId == agreement || entrust.RailId == agreement))
            ?.Remove(state.Now, mode) == true);

    /// <summary>The card of a member, always the same for a name.</summary>
    public UnionPayCard CardOf(string member)
    {
        lock (state.Gate)
        {
            return state.Cards.Of(member);
        }
    }

    /// <summary>Something goes wrong with the next call about an order or entrust.</summary>
    /// <param name="key">Order number, <c>billNo</c> or <c>bindId</c>; for a file its <c>settleDate</c>.</param>
    /// <param name="fault">What goes wrong, once.</param>
    public void InjectFault(string key, UnionPayFault fault) => faults.Add(key, fault);

    /// <inheritdoc/>
    public bool TryInjectFault(string key, string fault)
    {
        if (UnionPayFaults.Parse(fault) is not { } known)
            return false;
        InjectFault(key, known);
        return true;
    }

    /// <inheritdoc/>
    public void DeclineNext(string member, string code) => state.Declines.Add(member, code);

    /// <summary>From here on the platform signs with a new certificate of the same authority.</summary>
    public void RotatePlatformCertificate() => keys.Rotate(
        state.Credentials.WithNextPlatformCertificate(state.Now, Interlocked.Increment(ref leaves)));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> MerchantSettings(Uri address) => UnionPayMerchantSettings.Of(state, address);

    /// <summary>Points a merchant's adapter at this sandbox.</summary>
    /// <param name="options">The adapter's options.</param>
    /// <param name="address">Where the sandbox is served.</param>
    /// <param name="callbacks">Where the merchant wants to be called back.</param>
    public void Configure(UnionPayOptions options, Uri address, Uri callbacks)
    {
        UnionPayMerchantSettings.Configure(options, state, address);
        options.NotifyUrl = callbacks;
    }

    /// <summary>Forgets everything; what was still due never happens.</summary>
    public ValueTask DisposeAsync()
    {
        runner.Dispose();
        sender.Dispose();
        keys.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Check(UnionPaySandboxOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CallbacksAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CallbacksAtOnce, 64);
        if ((options.Version, options.SignMethod) is not (("5.1.0", "01" or "11" or "12") or ("5.0.0", "01")))
            throw new ArgumentException("Version 5.1.0 signs with 01, 11 or 12; version 5.0.0 with 01.", nameof(options));
    }

    private Task<T> Locked<T>(Func<T> act)
    {
        lock (state.Gate)
        {
            return Task.FromResult(act());
        }
    }
}
