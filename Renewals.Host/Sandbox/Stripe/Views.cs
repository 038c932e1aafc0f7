using System.Text.Json.Nodes;
using NodaTime;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Objects as the API shows them, in the fields a merchant's code looks at.</summary>
internal static class Views
{
    public static JsonObject Of(Customer customer) => customer.Deleted
        ? new() { ["id"] = customer.Id, ["object"] = "customer", ["deleted"] = true }
        : new()
        {
            ["id"] = customer.Id, ["object"] = "customer", ["created"] = Time(customer.CreatedAt), ["livemode"] = false, ["metadata"] = Map(customer.Metadata),
        };

    public static JsonObject Of(SavedCard card) => new()
    {
        ["id"] = card.Id, ["object"] = "payment_method", ["type"] = "card", ["created"] = Time(card.CreatedAt), ["livemode"] = false,
        ["customer"] = card.Attached ? card.Owner : null, ["card"] = new JsonObject { ["brand"] = "visa", ["exp_month"] = 12, ["exp_year"] = 2034 },
        ["metadata"] = new JsonObject(),
    };

    public static JsonObject Of(Intent intent, bool withCharge = false, bool withCard = false) => new()
    {
        ["id"] = intent.Id, ["object"] = "payment_intent", ["amount"] = intent.Amount,
        ["amount_received"] = intent.Status == "succeeded" ? intent.Amount : 0, ["currency"] = intent.Currency, ["customer"] = intent.Customer,
        ["description"] = intent.Description, ["status"] = intent.Status, ["created"] = Time(intent.CreatedAt), ["livemode"] = false,
        ["metadata"] = Map(intent.Metadata), ["setup_future_usage"] = intent.Saves ? "off_session" : null,
        ["payment_method"] = intent.Card is not { } card ? null : withCard ? Of(card) : card.Id,
        ["latest_charge"] = intent.Charge is not { } charge ? null : withCharge ? Of(intent, charge) : charge.Id,
        ["last_payment_error"] = intent.LastDecline is { } code ? Decline(code) : null,
    };

    /// <summary>A payment's charge. The payment's metadata is copied to it.</summary>
    public static JsonObject Of(Intent intent, CardCharge charge) => new()
    {
        ["id"] = charge.Id, ["object"] = "charge", ["amount"] = intent.Amount, ["currency"] = intent.Currency, ["created"] = Time(charge.At),
        ["livemode"] = false, ["payment_intent"] = intent.Id, ["metadata"] = Map(intent.Metadata), ["status"] = charge.Decline is null ? "succeeded" : "failed",
        ["failure_code"] = charge.Decline is { } code ? CodeOf(code) : null,
        ["outcome"] = new JsonObject { ["type"] = charge.Decline is null ? "authorized" : "issuer_declined", ["reason"] = charge.Decline },
    };

    public static JsonObject Of(Refund refund) => new()
    {
        ["id"] = refund.Id, ["object"] = "refund", ["amount"] = refund.Amount, ["currency"] = refund.Of.Currency, ["created"] = Time(refund.CreatedAt),
        ["payment_intent"] = refund.Of.Id, ["charge"] = refund.Of.Charge?.Id, ["metadata"] = Map(refund.Metadata), ["status"] = refund.Status,
        ["failure_reason"] = refund.Status == "failed" ? "lost_or_stolen_card" : null,
    };

    public static JsonObject Of(CheckoutPage page, Instant now, Uri address, string expand = "", ApiCall? call = null) => new()
    {
        ["id"] = page.Id, ["object"] = "checkout.session", ["mode"] = page.Pays ? "payment" : "setup", ["status"] = page.StatusAt(now),
        ["payment_status"] = !page.Pays ? "no_payment_required" : page.Complete ? "paid" : "unpaid", ["customer"] = page.Customer,
        ["client_reference_id"] = page.Reference, ["created"] = Time(page.CreatedAt), ["expires_at"] = Time(page.ExpiresAt), ["livemode"] = false,
        ["metadata"] = Map(page.Metadata), ["url"] = page.StatusAt(now) == "open" ? new Uri(address, $"/stripe/checkout/{page.Id}").AbsoluteUri : null,
        ["setup_intent"] = page.Pays ? null : call?.Expands($"{expand}setup_intent.payment_method") == true ? Setup(page, withCard: true) : page.SetupIntent,
        ["payment_intent"] = page.Intent is not { } intent ? null
            : call is not null && (call.Expands($"{expand}payment_intent.payment_method") || call.Expands($"{expand}payment_intent.latest_charge"))
                ? Of(intent, call.Expands($"{expand}payment_intent.latest_charge"), call.Expands($"{expand}payment_intent.payment_method"))
                : intent.Id,
    };

    public static JsonObject Setup(CheckoutPage page, bool withCard = false) => new()
    {
        ["id"] = page.SetupIntent, ["object"] = "setup_intent", ["customer"] = page.Customer, ["created"] = Time(page.CreatedAt), ["livemode"] = false,
        ["metadata"] = Map(page.IntentMetadata), ["usage"] = "off_session", ["status"] = page.Card is null ? "requires_payment_method" : "succeeded",
        ["payment_method"] = page.Card is not { } card ? null : withCard ? Of(card) : card.Id,
    };

    public static JsonObject Of(BalanceLine line, bool withSource)
    {
        var (id, amount, currency) = line.Refunded is { } refund
            ? (refund.Id, -refund.Amount, refund.Of.Currency)
            : (line.Paid!.Charge!.Id, line.Paid.Amount, line.Paid.Currency);
        return new()
        {
            ["id"] = line.Id, ["object"] = "balance_transaction", ["type"] = line.Refunded is null ? "charge" : "refund", ["created"] = Time(line.At),
            ["amount"] = amount, ["fee"] = 0, ["net"] = amount, ["currency"] = currency, ["status"] = "available",
            ["source"] = !withSource ? id : line.Refunded is { } given ? Of(given) : Of(line.Paid!, line.Paid!.Charge!),
        };
    }

    /// <summary>A card's decline, as an error shows it.</summary>
    public static JsonObject Decline(string code) => new()
    {
        ["type"] = "card_error", ["code"] = CodeOf(code), ["decline_code"] = code, ["message"] = "Your card was declined.",
    };

    // A few declines have an error code of their own.
    private static string CodeOf(string decline) =>
        decline is "expired_card" or "incorrect_number" or "processing_error" or "authentication_required" ? decline : "card_declined";

    private static long Time(Instant at) => at.ToUnixTimeSeconds();

    private static JsonObject Map(IReadOnlyDictionary<string, string> fields)
    {
        var map = new JsonObject();
        foreach (var (name, value) in fields)
            map[name] = value;
        return map;
    }
}
