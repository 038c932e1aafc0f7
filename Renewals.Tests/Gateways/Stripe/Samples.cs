using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Gateways.Stripe;
using Sdk = Stripe;

namespace Renewals.Tests.Gateways.Stripe;

/// <summary>One account and its orders. The keys are made up for these tests and open nothing.</summary>
internal static class Samples
{
    public const string AccountId = "acct_1TestRenewals";
    public const string Secret = "whsec_TESTONLYTESTONLYTESTONLY";
    public const string Key = "sk_test_TESTONLY";
    public const string Customer = "cus_1";
    public const string Method = "pm_1";

    public static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    public static readonly AgreementId Agreement = new(Guid.Parse("018f3a5c-0000-7000-8000-000000000042"));
    public static readonly AgreementOrder Signed = new(Agreement, "card", $"{Customer}/{Method}", Now - Duration.FromDays(30));
    public static readonly AgreementOrder Unsigned = new(Agreement, "card", null, Now);
    public static readonly OrderNumber Number =
        new Charge(new SubscriptionId(Guid.Parse("018f3a5c-0000-7000-8000-000000000001")), ChargeKind.Renewal, 7).Attempt(1);

    public static readonly ChargeOrder Order = new(Number, Signed, Money.Cny(1500), "会员续费", Now);
    public static readonly ChargeOrder FirstOrder = new(Number, Unsigned, Money.Cny(1500), "会员首期", Now, PaidWhileSigning: true);
    public static readonly RefundOrder Refund = new(Number.Refund(1), Money.Cny(1500), Money.Cny(500), "用户申请", "pi_1", Now);

    public static StripeVerdicts Verdicts { get; } = new(LiveMode: false);

    public static SigningRequest Signing(bool paying = false) => new(
        Agreement, "card", SigningScene.MobileBrowser, "ann", null, null, Now,
        paying ? new FirstPaymentOrder(Number, Money.Cny(1500), "会员首期", Now + Duration.FromMinutes(90)) : null,
        new SigningPlan(BillingInterval.Monthly, Money.Cny(1500), new(2026, 4, 1)));

    public static StripeOptions Options(Action<StripeOptions>? change = null)
    {
        var options = new StripeOptions
        {
            AccountId = AccountId, SecretKey = Key, NotifyUrl = new("https://pay.example.com/callbacks/stripe:acct"), ReturnUrl = new("https://shop.example.com/done"),
        };
        options.WebhookSecrets.Add(Secret);
        options.Resilience.RetryDelay = TimeSpan.Zero;
        change?.Invoke(options);
        return options;
    }

    /// <summary>A payment of the sample order, as the library reads it.</summary>
    public static Sdk.PaymentIntent Intent(string status, Action<Sdk.PaymentIntent>? change = null)
    {
        var intent = new Sdk.PaymentIntent
        {
            Id = "pi_1", Status = status, Currency = "cny", Amount = 1500, AmountReceived = status == "succeeded" ? 1500 : 0, Created = Now.ToDateTimeUtc(),
            Metadata = new() { ["order"] = Number.ToString() }, LatestCharge = new Sdk.Charge { Status = "succeeded", Created = (Now + Duration.FromSeconds(2)).ToDateTimeUtc() },
        };
        change?.Invoke(intent);
        return intent;
    }

    /// <summary>The same as JSON, as the rail writes it.</summary>
    public static JsonObject IntentJson(string status, string? decline = null) => new()
    {
        ["id"] = "pi_1", ["object"] = "payment_intent", ["status"] = status, ["amount"] = 1500, ["amount_received"] = status == "succeeded" ? 1500 : 0,
        ["currency"] = "cny", ["customer"] = Customer, ["payment_method"] = Method, ["created"] = Now.ToUnixTimeSeconds(), ["livemode"] = false,
        ["metadata"] = new JsonObject { ["order"] = Number.ToString(), ["agreement"] = Agreement.SigningCode },
        ["latest_charge"] = "ch_1",
        ["last_payment_error"] = decline is null ? null : new JsonObject { ["type"] = "card_error", ["code"] = "card_declined", ["decline_code"] = decline },
    };

    public static JsonObject List(params JsonObject[] items) => new()
    {
        ["object"] = "list", ["url"] = "/v1/x", ["has_more"] = false, ["data"] = new JsonArray([.. items]),
    };

    public static JsonObject Error(string type, string? code = null, string? decline = null, JsonObject? intent = null, string? param = null) => new()
    {
        ["error"] = new JsonObject { ["type"] = type, ["code"] = code, ["decline_code"] = decline, ["param"] = param, ["message"] = "no", ["payment_intent"] = intent },
    };

    public static JsonObject Event(string type, JsonObject about) => new()
    {
        ["id"] = "evt_1", ["object"] = "event", ["api_version"] = "2025-03-31.basil", ["created"] = Now.ToUnixTimeSeconds(), ["livemode"] = false,
        ["type"] = type, ["data"] = new JsonObject { ["object"] = about },
    };

    /// <summary>A webhook as the rail delivers it.</summary>
    public static Callback Webhook(JsonObject news, string secret = Secret, Instant? at = null)
    {
        var body = Encoding.UTF8.GetBytes(news.ToJsonString());
        return new(new Dictionary<string, string> { ["stripe-signature"] = StripeSignature.Sign(secret, at ?? Now, body) }, body);
    }
}
