using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Stripe;

/// <summary>One account at Stripe. Checked at start; a message names the field that is wrong.</summary>
public sealed class StripeOptions
{
    /// <summary>The rail's short name in a <see cref="MerchantAccount"/>.</summary>
    public const string Rail = "stripe";

    /// <summary>How long Stripe keeps an idempotency key at least (docs.stripe.com/api/idempotent_requests): 24 hours.</summary>
    public static readonly Duration KeysAreKept = Duration.FromHours(24);

    /// <summary>Where the rail answers. Default <c>https://api.stripe.com</c>.</summary>
    public Uri BaseAddress { get; set; } = new("https://api.stripe.com");

    /// <summary>The account, <c>acct_…</c>. Required.</summary>
    public string AccountId { get; set; } = "";

    /// <summary>A secret or restricted key, <c>sk_…</c> or <c>rk_…</c>. Required. It decides between live and test mode.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>Signing secrets of the webhook endpoint, <c>whsec_…</c>. At least one; two while a secret is being rolled.</summary>
    public IList<string> WebhookSecrets { get; } = [];

    /// <summary>Where the webhook endpoint was registered: our own callback address. Required.</summary>
    public Uri? NotifyUrl { get; set; }

    /// <summary>Where the member's browser goes after the page at Stripe (<c>success_url</c>). Required.</summary>
    public Uri? ReturnUrl { get; set; }

    /// <summary>Where it goes when the member turns back (<c>cancel_url</c>). Default: <see cref="ReturnUrl"/>.</summary>
    public Uri? CancelUrl { get; set; }

    /// <summary>How long the page to sign can be used, from the start of signing. Default 2 h; 1 to 23 h (Stripe: 30 min to 24 h).</summary>
    public Duration SigningLifetime { get; set; } = Duration.FromHours(2);

    /// <summary>How long after signing the first charge needs no notice. Default 12 h; 0 to 24 h. Stripe itself has no such rule.</summary>
    public Duration SigningConsent { get; set; } = Duration.FromHours(12);

    /// <summary>How far a webhook's time may be from ours. Default 5 min, as Stripe's own libraries; 1 s to 5 min.</summary>
    public Duration CallbackTolerance { get; set; } = Duration.FromMinutes(5);

    /// <summary>
    /// How long before the end of <see cref="KeysAreKept"/> a key is no longer trusted: from then on an order is looked for before it is sent
    /// again. Default 1 h; 10 min to 23 h.
    /// </summary>
    public Duration ResendMargin { get; set; } = Duration.FromHours(1);

    /// <summary>The largest statement that is read. Default 256 MiB; 1 MiB to 1 GiB.</summary>
    public int MaxStatementBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Time-outs, repeats, rate and breaker. Stripe allows 100 calls a second in live mode and 25 in test mode.</summary>
    public ResilienceOptions Resilience { get; } = new();

    /// <summary>The account these options are of.</summary>
    public MerchantAccount Account => new(Rail, AccountId);

    /// <summary>Whether the key moves real money.</summary>
    internal bool LiveMode => SecretKey.Contains("_live_", StringComparison.Ordinal);

    /// <summary>How long after an order was made its idempotency key alone keeps a repeat from paying twice.</summary>
    internal Duration KeyIsTrustedFor => KeysAreKept - ResendMargin;

    /// <summary>What the rail allows, remembers and requires under these options.</summary>
    /// <remarks>
    /// Orders are asked for by the list of one customer's payments, which Stripe answers at once from what it wrote
    /// (docs.stripe.com/search#data-freshness sends read-after-write to the lists); the search, which may lag by a minute and by an hour in
    /// an outage, is never asked for one. The settle delay therefore only covers a request that is still on its way.
    /// </remarks>
    internal RailTraits Traits() => new()
    {
        Resend = Resend.SameOrder,
        RemembersOrders = KeysAreKept,
        SettleDelay = Duration.FromMinutes(5),
        AbsenceProof = AbsenceProof.Query,
        CallTimeout = Duration.FromTimeSpan(Resilience.TotalTimeout),
        Notice = null,
        ChargeDelay = Duration.Zero,
        OpensAt = LocalTime.Midnight,
        ClosesAt = LocalTime.MaxValue,
        SigningConsent = SigningConsent,
        CallbacksFreshFor = CallbackTolerance,
        SeveralSuccessesPerPeriod = true,
        RetryBudget = RetryBudget.Visa,
        StatementReadyAt = new(1, 0),
        ZoneId = "UTC",
    };
}
