using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>A simulator of WeChat Pay's entrusted deduction (微信支付委托代扣), speaking the rail's protocol on a loopback address.</summary>
/// <remarks>
/// It verifies every request as strictly as the rail, signs its answers and callbacks, and enforces the rail's rules against its own bank.
/// It has no clock of its own: unless <see cref="WeChatPaySandboxOptions.SelfDriven"/> is set, settlements and callbacks happen only in
/// <see cref="RunDueAsync"/>. Ids are hashes of what they belong to, so equal histories give equal figures.
/// </remarks>
public sealed class WeChatPaySandbox : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly WeChatPayState state;
    private readonly RailEndpoints rail;
    private readonly PlatformKeys keys;
    private readonly Faults faults = new();
    private readonly CallbackSender sender;
    private readonly DueRunner runner;
    private readonly CancellationTokenSource ending = new();
    private LoopbackServer? server;
    private Task driving = Task.CompletedTask;

    private WeChatPaySandbox(WeChatPaySandboxOptions options, SandboxBank bank, TimeProvider time)
    {
        var credentials = options.Credentials ?? WeChatPaySandboxCredentials.Generate(Instant.FromDateTimeOffset(time.GetUtcNow()));
        state = new WeChatPayState(options, credentials, bank, time);
        keys = new PlatformKeys(credentials, options.KeyMode);
        rail = new RailEndpoints(state, keys, faults);
        sender = new CallbackSender(options.CallbackTimeLimit);
        runner = new DueRunner(state.Queue, sender, time, options.CallbacksAtOnce);
    }

    /// <summary>Where the rail listens, such as <c>http://127.0.0.1:41234</c>.</summary>
    public Uri BaseAddress => server!.Address;

    /// <summary>The bank behind the rail.</summary>
    public SandboxBank Bank => state.Bank;

    /// <summary>What a merchant's client needs to be configured.</summary>
    public WeChatPaySandboxCredentials Credentials => state.Credentials;

    /// <summary>The address set on the merchant platform: told of terminated contracts and refunds made there. Null tells nobody.</summary>
    public Uri? MerchantNotifyUrl
    {
        get { lock (state.Gate) { return state.MerchantNotifyUrl; } }
        set { lock (state.Gate) { state.MerchantNotifyUrl = value; } }
    }

    /// <summary>When the sandbox next has something to do; null when nothing waits.</summary>
    public Instant? NextDue => state.Queue.NextDue;

    /// <summary>Every contract ever signed, by contract code.</summary>
    public IReadOnlyList<SandboxContract> Contracts
    {
        get
        {
            lock (state.Gate)
            {
                return [.. state.ContractsByCode.Values.OrderBy(found => found.Code, StringComparer.Ordinal).Select(found => found.View())];
            }
        }
    }

    /// <summary>Every notice that reached the rail, refused ones too, oldest first.</summary>
    public IReadOnlyList<RailNotice> RailNotices
    {
        get { lock (state.Gate) { return [.. state.Notices]; } }
    }

    /// <summary>Signings a member can confirm now, by contract code.</summary>
    public IReadOnlyList<PendingSigning> PendingSignings
    {
        get
        {
            lock (state.Gate)
            {
                return
                [
                    .. state.Signings.Values.Where(signing => signing.IsOpenAt(state.Now)).Select(signing => signing.View())
                        .OrderBy(view => view.ContractCode, StringComparer.Ordinal),
                ];
            }
        }
    }

    /// <summary>Starts a sandbox.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="bank">Whose money moves; may be shared with other rails.</param>
    /// <param name="time">The only clock it knows.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<WeChatPaySandbox> StartAsync(
        WeChatPaySandboxOptions options, SandboxBank bank, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CallbacksAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CallbacksAtOnce, 64);
        var sandbox = new WeChatPaySandbox(options, bank, time);
        try
        {
            sandbox.server = await LoopbackServer.StartAsync(options.Port, sandbox.Map, cancellation);
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }

        if (options.SelfDriven)
            sandbox.driving = sandbox.DriveAsync();
        return sandbox;
    }

    /// <summary>Points a merchant's adapter at this sandbox; it is called back where <see cref="MerchantNotifyUrl"/> says.</summary>
    public void Configure(WeChatPayOptions options)
    {
        options.BaseAddress = BaseAddress;
        options.MchId = Credentials.MchId;
        options.AppId = Credentials.AppId;
        options.ApiV2Key = Credentials.ApiV2Key;
        options.ApiV3Key = Credentials.ApiV3Key;
        options.MerchantSerialNo = Credentials.MerchantSerial;
        options.MerchantPrivateKeyPem = Credentials.MerchantPrivateKeyPem;
        options.NotifyUrl = MerchantNotifyUrl;
    }

    /// <summary>Executes everything due at the clock's now, by due instant and key, and awaits the answer to every callback.</summary>
    /// <returns>How many items it did; 0 when nothing was due.</returns>
    public Task<int> RunDueAsync(CancellationToken cancellation) => runner.RunDueAsync(cancellation);

    /// <summary>A member confirms a signing; the merchant learns of it by a callback when that is due.</summary>
    /// <param name="key">The contract code, <c>pre_entrustweb_id</c> or <c>prepay_id</c>.</param>
    /// <param name="member">The bank's member who confirms.</param>
    public Task<SigningResult> ConfirmSigningAsync(string key, string member) =>
        Locked(() => rail.Members.Confirm(rail.Members.Find(key), member));

    /// <summary>A member opens the wallet's mini program with the merchant's extraData, which is verified, and confirms.</summary>
    /// <param name="extraData">As given to <c>wx.navigateToMiniProgram</c>, signature included.</param>
    /// <param name="member">The bank's member who confirms.</param>
    public Task<SigningResult> ConfirmMiniProgramAsync(IReadOnlyDictionary<string, string> extraData, string member) => Locked(() =>
        rail.Signings.MiniProgram(extraData) switch
        {
            ({ } signing, _) => rail.Members.Confirm(signing, member),
            (_, var refusal) => new SigningResult(null, refusal),
        });

    /// <summary>A member leaves a signing for good; the merchant is told nothing.</summary>
    /// <returns>False when it was not pending.</returns>
    public Task<bool> GiveUpSigningAsync(string key) => Locked(() => rail.Members.GiveUp(rail.Members.Find(key)));

    /// <summary>A member pays an order of pay-while-signing (支付中签约).</summary>
    /// <param name="prepayId">The <c>prepay_id</c>.</param>
    /// <param name="member">The bank's member who pays.</param>
    /// <param name="renew">False when the member switches the renewal off: then it is paid and no contract is made.</param>
    public Task<CashierResult> PayAsync(string prepayId, string member, bool renew = true) =>
        Locked(() => rail.Members.Pay(prepayId, member, renew));

    /// <summary>Ends a contract from the rail's side: by its member, by expiry, by the platform.</summary>
    /// <param name="contract">Contract code or id.</param>
    /// <param name="mode">Who ends it.</param>
    /// <returns>False when there is no such contract in force.</returns>
    public Task<bool> TerminateAsync(string contract, TerminationMode mode = TerminationMode.Member) => Locked(() =>
        (state.Contracts.GetValueOrDefault(contract) ?? state.ContractsByCode.GetValueOrDefault(contract)) is { } found
        && rail.Contracts.Terminate(found, mode, "ended in the wallet", state.Now));

    /// <summary>A member's account is closed (注销): its money stays, every contract ends with mode 5.</summary>
    public Task CloseAccountAsync(string member) => Locked(() =>
    {
        rail.Members.CloseAccount(member);
        return true;
    });

    /// <summary>A person refunds on the merchant platform; told to <see cref="MerchantNotifyUrl"/> under a number not made by us.</summary>
    /// <param name="orderNumber">The paid order.</param>
    /// <param name="refundNumber">The platform's refund number.</param>
    /// <param name="amount">Fen.</param>
    /// <returns>False when it cannot be refunded.</returns>
    public Task<bool> RefundOnPlatformAsync(string orderNumber, string refundNumber, long amount) => Locked(() =>
        state.Orders.GetValueOrDefault(orderNumber) is { } order
        && rail.Refunds.Ask(
            new RefundAsk("", orderNumber, refundNumber, order.Amount, amount, null, false) { OnPlatform = true },
            state.Now).Refund is not null);

    /// <summary>Something goes wrong with the next call about an order or contract.</summary>
    /// <param name="key">Order number, refund number, contract id or contract code.</param>
    /// <param name="fault">What goes wrong, once.</param>
    public void InjectFault(string key, SandboxFault fault) => faults.Add(key, fault);

    /// <summary>The id of a member under the merchant's app; derived from the member's name.</summary>
    public string OpenIdOf(string member) => state.OpenIdOf(member);

    /// <summary>Stops listening; what was still due never happens.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await driving;
        if (server is not null)
            await server.DisposeAsync();
        runner.Dispose();
        sender.Dispose();
        keys.Dispose();
        ending.Dispose();
    }

    private void Map(IEndpointRouteBuilder app)
    {
        rail.Map(app, () => BaseAddress);
        new SandboxEndpoints(this, state).Map(app);
    }

    private Task<T> Locked<T>(Func<T> act)
    {
        lock (state.Gate)
        {
            return Task.FromResult(act());
        }
    }

    private async Task DriveAsync()
    {
        using var beat = new PeriodicTimer(Beat, TimeProvider.System);
        try
        {
            while (await beat.WaitForNextTickAsync(ending.Token))
                await RunDueAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The sandbox is being disposed.
        }
    }
}
