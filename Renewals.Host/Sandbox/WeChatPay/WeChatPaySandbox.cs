using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>A simulator of WeChat Pay's entrusted deduction (微信支付委托代扣), speaking the rail's protocol on a loopback address.</summary>
/// <remarks>
/// It verifies every request as strictly as the rail, signs its answers and callbacks, and enforces the rail's rules against its own bank.
/// Ids are hashes of what they belong to, so equal histories give equal figures.
/// </remarks>
public sealed class WeChatPaySandbox : ISandboxRail
{
    private readonly WeChatPayState state;
    private readonly RailEndpoints rail;
    private readonly PlatformKeys keys;
    private readonly Faults faults = new();
    private readonly CallbackSender sender;
    private readonly DueRunner runner;

    /// <summary>Opens the rail; a <see cref="SandboxServer"/> serves it.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="bank">Whose money moves; may be shared with other rails.</param>
    /// <param name="time">The only clock it knows.</param>
    public WeChatPaySandbox(WeChatPaySandboxOptions options, SandboxBank bank, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CallbacksAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CallbacksAtOnce, 64);
        var credentials = options.Credentials ?? WeChatPaySandboxCredentials.Generate(Instant.FromDateTimeOffset(time.GetUtcNow()));
        state = new WeChatPayState(options, credentials, bank, time);
        keys = new PlatformKeys(credentials, options.KeyMode);
        rail = new RailEndpoints(state, keys, faults);
        sender = new CallbackSender(options.CallbackTimeLimit, Callbacks);
        runner = new DueRunner(state.Queue, sender, time, options.CallbacksAtOnce);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => state.Account;

    /// <inheritdoc/>
    public SandboxBank Bank => state.Bank;

    /// <summary>What a merchant's client needs to be configured.</summary>
    public WeChatPaySandboxCredentials Credentials => state.Credentials;

    /// <summary>The address set on the merchant platform: told of terminated contracts and refunds made there. Null tells nobody.</summary>
    public Uri? MerchantNotifyUrl
    {
        get { lock (state.Gate) { return state.MerchantNotifyUrl; } }
        set { lock (state.Gate) { state.MerchantNotifyUrl = value; } }
    }

    /// <inheritdoc/>
    public CallbackScript Callbacks { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> FaultWords => Faults.Words;

    /// <inheritdoc/>
    public Instant? NextDue => state.Queue.NextDue;

    /// <inheritdoc/>
    public IReadOnlyList<SandboxAgreement> Agreements
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

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes, Func<Uri> address)
    {
        rail.Map(routes, address);
        new MemberEndpoints(this, state).Map(routes);
    }

    /// <summary>Points a merchant's adapter at this sandbox.</summary>
    /// <param name="options">The adapter's options.</param>
    /// <param name="address">Where the sandbox is served.</param>
    /// <param name="callbacks">Where the merchant wants to be called back.</param>
    public void Configure(WeChatPayOptions options, Uri address, Uri callbacks)
    {
        options.BaseAddress = address;
        options.MchId = Credentials.MchId;
        options.AppId = Credentials.AppId;
        options.ApiV2Key = Credentials.ApiV2Key;
        options.ApiV3Key = Credentials.ApiV3Key;
        options.MerchantSerialNo = Credentials.MerchantSerial;
        options.MerchantPrivateKeyPem = Credentials.MerchantPrivateKeyPem;
        options.NotifyUrl = callbacks;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> MerchantSettings(Uri address) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(WeChatPayOptions.BaseAddress)] = address.AbsoluteUri,
        [nameof(WeChatPayOptions.MchId)] = Credentials.MchId,
        [nameof(WeChatPayOptions.AppId)] = Credentials.AppId,
        [nameof(WeChatPayOptions.ApiV2Key)] = Credentials.ApiV2Key,
        [nameof(WeChatPayOptions.ApiV3Key)] = Credentials.ApiV3Key,
        [nameof(WeChatPayOptions.MerchantSerialNo)] = Credentials.MerchantSerial,
        [nameof(WeChatPayOptions.MerchantPrivateKeyPem)] = Credentials.MerchantPrivateKeyPem,
    };

    /// <inheritdoc/>
    public Task<int> RunDueAsync(CancellationToken cancellation) => runner.RunDueAsync(cancellation);

    /// <inheritdoc/>
    public bool TryInjectFault(string key, string fault)
    {
        if (Faults.Parse(fault) is not { } known)
            return false;
        InjectFault(key, known);
        return true;
    }

    /// <inheritdoc/>
    public void DeclineNext(string member, string code) => state.Declines.Add(member, code);

    /// <inheritdoc/>
    public Task<SandboxSigning> ConfirmSigningAsync(string signingCode, string member) =>
        Locked(() => rail.Members.Confirm(rail.Members.Find(signingCode), member));

    /// <summary>A member opens the wallet's mini program with the merchant's extraData, which is verified, and confirms.</summary>
    /// <param name="extraData">As given to <c>wx.navigateToMiniProgram</c>, signature included.</param>
    /// <param name="member">The bank's member who confirms.</param>
    public Task<SandboxSigning> ConfirmMiniProgramAsync(IReadOnlyDictionary<string, string> extraData, string member) => Locked(() =>
        rail.Signings.MiniProgram(extraData) switch
        {
            ({ } signing, _) => rail.Members.Confirm(signing, member),
            (_, var refusal) => new SandboxSigning(null, refusal),
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

    /// <inheritdoc/>
    public Task<bool> TerminateAsync(string agreement, TerminationMode mode) => Locked(() =>
        (state.Contracts.GetValueOrDefault(agreement) ?? state.ContractsByCode.GetValueOrDefault(agreement)) is { } found
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

    /// <summary>Forgets everything; what was still due never happens.</summary>
    public ValueTask DisposeAsync()
    {
        runner.Dispose();
        sender.Dispose();
        keys.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<T> Locked<T>(Func<T> act)
    {
        lock (state.Gate)
        {
            return Task.FromResult(act());
        }
    }
}
