using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Stripe;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>A simulator of the part of Stripe that saved cards need: customers, Checkout, payment intents, refunds, balance, webhooks.</summary>
/// <remarks>
/// It checks the secret key, keeps idempotency keys for 24 hours of its clock, signs its webhooks, and moves money at its bank. It has no clock
/// of its own: what is due happens only in <see cref="RunDueAsync"/>. Ids are hashes of what they belong to, so equal histories give equal figures.
/// </remarks>
public sealed class StripeSandbox : ISandboxRail
{
    private readonly StripeState state;
    private readonly StripeFaults faults = new();
    private readonly CheckoutDesk checkout;
    private readonly ApiDoor door;
    private readonly CallbackSender sender;
    private readonly DueRunner runner;
    private Func<Uri> address = () => new("http://127.0.0.1");

    /// <summary>Makes a rail that is to be mapped on a server.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="bank">Whose money moves; may be shared with other rails.</param>
    /// <param name="time">The only clock it knows.</param>
    public StripeSandbox(StripeSandboxOptions options, SandboxBank bank, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CallbacksAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CallbacksAtOnce, 64);
        state = new StripeState(options, options.Credentials ?? StripeSandboxCredentials.Generate(), bank, time);
        var messenger = new Messenger(state);
        var intents = new IntentDesk(state, messenger);
        checkout = new CheckoutDesk(state, intents, messenger, () => address());
        door = new ApiDoor(state, checkout, intents, new BalanceDesk(state, messenger), faults);
        sender = new CallbackSender(options.CallbackTimeLimit, Callbacks);
        runner = new DueRunner(state.Queue, sender, time, options.CallbacksAtOnce);
    }

    /// <inheritdoc/>
    public MerchantAccount Account => state.Account;

    /// <inheritdoc/>
    public SandboxBank Bank => state.Bank;

    /// <summary>What a merchant's client needs to be configured.</summary>
    public StripeSandboxCredentials Credentials => state.Credentials;

    /// <summary>The account's one webhook endpoint.</summary>
    public Uri? MerchantNotifyUrl
    {
        get { lock (state.Gate) { return state.MerchantNotifyUrl; } }
        set { lock (state.Gate) { state.MerchantNotifyUrl = value; } }
    }

    /// <inheritdoc/>
    public CallbackScript Callbacks { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> FaultWords => StripeFaults.Words;

    /// <inheritdoc/>
    public Instant? NextDue => state.Queue.NextDue;

    /// <inheritdoc/>
    public IReadOnlyList<SandboxAgreement> Agreements
    {
        get
        {
            lock (state.Gate)
            {
                return
                [
                    .. state.Cards.Values.OrderBy(card => card.SigningCode, StringComparer.Ordinal).Select(card => new SandboxAgreement(
                        card.SigningCode, $"{card.Owner}/{card.Id}", card.Member, card.CreatedAt, card.EndedAt, card.Mode)),
                ];
            }
        }
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes, Func<Uri> address)
    {
        this.address = address;
        routes.Map("/v1/{**path}", door.ServeAsync);
        routes.MapGet("/stripe/checkout/{id}", ShowAsync);
        routes.MapPost("/stripe/checkout/{id}/confirm", ConfirmAsync);
    }

    /// <inheritdoc/>
    public Task<int> RunDueAsync(CancellationToken cancellation) => runner.RunDueAsync(cancellation);

    /// <inheritdoc/>
    public Task<SandboxSigning> ConfirmSigningAsync(string signingCode, string member)
    {
        lock (state.Gate)
        {
            var page = state.Pages.Values.LastOrDefault(page => page.Reference == signingCode || page.Id == signingCode);
            return Task.FromResult(checkout.Confirm(page, member));
        }
    }

    /// <summary>Ends an agreement: the member or the merchant detaches the card; the platform, or a closed account, deletes the customer.</summary>
    /// <inheritdoc/>
    public Task<bool> TerminateAsync(string agreement, TerminationMode mode)
    {
        lock (state.Gate)
        {
            if (state.Cards.Values.FirstOrDefault(card => card.Attached && (card.SigningCode == agreement || $"{card.Owner}/{card.Id}" == agreement)) is not { } card)
                return Task.FromResult(false);
            if (mode is TerminationMode.Platform or TerminationMode.AccountClosed)
                checkout.Delete(card, state.Now, mode);
            else
                checkout.Detach(card, state.Now, mode);
            return Task.FromResult(true);
        }
    }

    /// <summary>Something goes wrong with the next call about an order, refund, agreement or customer.</summary>
    /// <param name="key">Its number, code or id.</param>
    /// <param name="fault">What goes wrong, once.</param>
    public void InjectFault(string key, StripeFault fault) => faults.Add(key, fault);

    /// <inheritdoc/>
    public bool TryInjectFault(string key, string fault)
    {
        if (StripeFaults.Parse(fault) is not { } known)
            return false;
        InjectFault(key, known);
        return true;
    }

    /// <inheritdoc/>
    public void DeclineNext(string member, string code) => state.Declines.Add(member, code);

    /// <summary>Sets our adapter's options to reach this rail.</summary>
    public void Configure(StripeOptions options, Uri address, Uri callbacks)
    {
        (options.BaseAddress, options.AccountId, options.SecretKey) = (address, Credentials.AccountId, Credentials.SecretKey);
        (options.NotifyUrl, options.ReturnUrl) = (callbacks, new Uri(callbacks, "/"));
        options.WebhookSecrets.Clear();
        options.WebhookSecrets.Add(Credentials.WebhookSecret);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> MerchantSettings(Uri address) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(StripeOptions.BaseAddress)] = address.AbsoluteUri,
        [nameof(StripeOptions.AccountId)] = Credentials.AccountId,
        [nameof(StripeOptions.SecretKey)] = Credentials.SecretKey,
        [$"{nameof(StripeOptions.WebhookSecrets)}:0"] = Credentials.WebhookSecret,
        [nameof(StripeOptions.ReturnUrl)] = address.AbsoluteUri,
    };

    /// <summary>Forgets everything; what was still due never happens.</summary>
    public ValueTask DisposeAsync()
    {
        runner.Dispose();
        sender.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task ShowAsync(HttpContext context)
    {
        string? page;
        lock (state.Gate)
        {
            page = Find(context) is { } found && found.StatusAt(state.Now) == "open" ? CheckoutPages.ToConfirm(found) : null;
        }

        return ReplyAsync(context, page is null ? 404 : 200, page ?? CheckoutPages.NotFound());
    }

    private async Task ConfirmAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        SandboxSigning signing;
        string page;
        lock (state.Gate)
        {
            var found = Find(context);
            signing = checkout.Confirm(found, form["member"]);
            page = CheckoutPages.Result(found, signing);
        }

        await ReplyAsync(context, signing.Refusal is null ? 200 : 409, page);
    }

    private CheckoutPage? Find(HttpContext context) => state.Pages.GetValueOrDefault((string)context.Request.RouteValues["id"]!);

    private static Task ReplyAsync(HttpContext context, int status, string page)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, SandboxPage.ContentType);
        return context.Response.WriteAsync(page);
    }
}
