using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>A simulator of Alipay's recurring deduction (支付宝商家扣款, 周期扣款), speaking the gateway's protocol over HTTP.</summary>
/// <remarks>
/// It verifies every request as strictly as the rail, signs its answers and notifications, and enforces the rail's dates and limits against
/// its bank. Ids are hashes of what they belong to, so equal histories give equal figures.
/// </remarks>
public sealed class AlipaySandbox : ISandboxRail
{
    private readonly AlipayState state;
    private readonly RailKeys keys;
    private readonly GatewayEndpoints endpoints;
    private readonly AlipayFaults faults = new();
    private readonly CallbackSender sender;
    private readonly DueRunner runner;
    private int certificates = 1;

    /// <summary>Opens the rail; a <see cref="SandboxServer"/> serves it.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="bank">Whose money moves; may be shared with other rails.</param>
    /// <param name="time">The only clock it knows.</param>
    public AlipaySandbox(AlipaySandboxOptions options, SandboxBank bank, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CallbacksAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CallbacksAtOnce, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(options.WindowDays);
        var credentials = options.Credentials ?? AlipaySandboxCredentials.Generate(Instant.FromDateTimeOffset(time.GetUtcNow()));
        state = new AlipayState(options, credentials, bank, time);
        keys = new RailKeys(credentials, options.Mode);
        endpoints = new GatewayEndpoints(state, keys, faults);
        sender = new CallbackSender(options.CallbackTimeLimit, Callbacks);
        runner = new DueRunner(state.Queue, sender, time, options.CallbacksAtOnce);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => state.Account;

    /// <inheritdoc/>
    public SandboxBank Bank => state.Bank;

    /// <summary>What a merchant's client needs to be configured.</summary>
    public AlipaySandboxCredentials Credentials => state.Credentials;

    /// <summary>The app's gateway address (应用网关): told of members who end an agreement in the wallet. Null tells nobody.</summary>
    public Uri? MerchantNotifyUrl
    {
        get { lock (state.Gate) { return state.MerchantNotifyUrl; } }
        set { lock (state.Gate) { state.MerchantNotifyUrl = value; } }
    }

    /// <inheritdoc/>
    public CallbackScript Callbacks { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> FaultWords => AlipayFaults.Words;

    /// <inheritdoc/>
    public Instant? NextDue => state.Queue.NextDue;

    /// <inheritdoc/>
    public IReadOnlyList<SandboxAgreement> Agreements
    {
        get
        {
            lock (state.Gate)
            {
                return [.. state.Agreements.Values.Select(one => one.View(state.Now)).OrderBy(view => view.SigningCode, StringComparer.Ordinal)];
            }
        }
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes, Func<Uri> address) => endpoints.Map(routes, address);

    /// <summary>Points a merchant's adapter at this sandbox.</summary>
    /// <param name="options">The adapter's options.</param>
    /// <param name="address">Where the sandbox is served.</param>
    /// <param name="callbacks">Where the merchant wants to be called back.</param>
    public void Configure(AlipayOptions options, Uri address, Uri callbacks)
    {
        options.Gateway = new Uri(address, GatewayDoor.Path);
        (options.SellerId, options.AppId, options.AppPrivateKey) = (Credentials.SellerId, Credentials.AppId, Credentials.AppPrivateKey);
        (options.Product, options.BrowserPage, options.NotifyUrl) = (state.Options.Product, AlipayBrowserPage.WebPage, callbacks);
        if (keys.Mode == AlipayKeyMode.Key)
            options.AlipayPublicKey = Credentials.PlatformPublicKey;
        else
            (options.AppCertificatePem, options.RootCertificatesPem) = (Credentials.AppCertificatePem, Credentials.RootCertificatesPem);
        if (state.Options.EncryptsContent)
            options.AesKey = Credentials.AesKey;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> MerchantSettings(Uri address)
    {
        var options = new AlipayOptions();
        Configure(options, address, address);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [nameof(AlipayOptions.Gateway)] = options.Gateway.AbsoluteUri,
            [nameof(AlipayOptions.SellerId)] = options.SellerId,
            [nameof(AlipayOptions.AppId)] = options.AppId,
            [nameof(AlipayOptions.AppPrivateKey)] = options.AppPrivateKey,
            [nameof(AlipayOptions.AlipayPublicKey)] = options.AlipayPublicKey,
            [nameof(AlipayOptions.AppCertificatePem)] = options.AppCertificatePem,
            [nameof(AlipayOptions.RootCertificatesPem)] = options.RootCertificatesPem,
            [nameof(AlipayOptions.AesKey)] = options.AesKey ?? "",
            [nameof(AlipayOptions.Product)] = options.Product.ToString(),
            [nameof(AlipayOptions.BrowserPage)] = options.BrowserPage.ToString(),
        };
        return settings.Where(setting => setting.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public Task<int> RunDueAsync(CancellationToken cancellation) => runner.RunDueAsync(cancellation);

    /// <summary>A member confirms a signing that was opened, and pays its order where it has one.</summary>
    /// <inheritdoc/>
    public Task<SandboxSigning> ConfirmSigningAsync(string signingCode, string member) => Locked(() =>
    {
        var result = endpoints.Members.Confirm(state.Signings.GetValueOrDefault(signingCode), member);
        return new SandboxSigning(result.AgreementNo, result.Refusal);
    });

    /// <inheritdoc/>
    public Task<bool> TerminateAsync(string agreement, TerminationMode mode) => Locked(() =>
        (state.Agreements.GetValueOrDefault(agreement) ?? state.AgreementsByCode.GetValueOrDefault(agreement)) is { } found
        && endpoints.Agreements.Terminate(found, mode, state.Now));

    /// <summary>Suspends an agreement (STOP), or lifts that; nobody is told.</summary>
    /// <param name="agreement">The merchant's code or the rail's number.</param>
    /// <param name="suspended">What it is from now on.</param>
    /// <returns>False when there is none in force.</returns>
    public Task<bool> SuspendAsync(string agreement, bool suspended) => Locked(() =>
    {
        if ((state.Agreements.GetValueOrDefault(agreement) ?? state.AgreementsByCode.GetValueOrDefault(agreement)) is not { } found
            || !found.IsInForceAt(state.Now))
            return false;
        found.Suspended = suspended;
        return true;
    });

    /// <summary>A member's account is closed (注销): its money stays, every agreement ends.</summary>
    public Task CloseAccountAsync(string member) => Locked(() =>
    {
        endpoints.Members.CloseAccount(member);
        return true;
    });

    /// <inheritdoc/>
    public bool TryInjectFault(string key, string fault)
    {
        if (AlipayFaults.Parse(fault) is not { } known)
            return false;
        InjectFault(key, known);
        return true;
    }

    /// <summary>Something goes wrong with the next call about an order, refund or agreement.</summary>
    /// <param name="key">Order number, request number, agreement number or code; of a bill its date, of a certificate its serial.</param>
    /// <param name="fault">What goes wrong, once.</param>
    public void InjectFault(string key, AlipayFault fault) => faults.Add(key, fault);

    /// <inheritdoc/>
    public void DeclineNext(string member, string code) => state.Declines.Add(member, code);

    /// <summary>From here on the platform signs with a new certificate of the same root.</summary>
    public void RotatePlatformCertificate() =>
        keys.Rotate(state.Credentials.WithNextPlatformCertificate(state.Now, Interlocked.Increment(ref certificates)));

    /// <summary>The id of a member under the merchant's app; derived from the member's name.</summary>
    public string OpenIdOf(string member) => state.OpenIdOf(member);

    /// <summary>Forgets everything; what was still due never happens.</summary>
    public ValueTask DisposeAsync()
    {
        runner.Dispose();
        sender.Dispose();
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
