using NodaTime;
using Renewals.Core.Gateways;
using Fields = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>A customer, as the merchant made it.</summary>
internal sealed record Customer(string Id, Fields Metadata, Instant CreatedAt)
{
    public bool Deleted { get; set; }
}

/// <summary>A page at the rail (Checkout).</summary>
internal sealed record CheckoutPage(
    string Id, string Customer, bool Pays, string Reference, Fields Metadata, Fields IntentMetadata, long Amount, string Currency, string Subject,
    string SuccessUrl, string CancelUrl, Instant CreatedAt, Instant ExpiresAt)
{
    public bool Complete { get; set; }

    /// <summary>The merchant closed it.</summary>
    public bool Closed { get; set; }

    /// <summary>The id of its setup intent, made with it.</summary>
    public required string SetupIntent { get; init; }

    public SavedCard? Card { get; set; }

    public Intent? Intent { get; set; }

    public string StatusAt(Instant now) => Complete ? "complete" : Closed || now >= ExpiresAt ? "expired" : "open";
}

/// <summary>A saved card; without any number.</summary>
internal sealed record SavedCard(string Id, string Owner, string SigningCode, string Member, Instant CreatedAt)
{
    public Instant? EndedAt { get; private set; }

    public TerminationMode? Mode { get; private set; }

    public bool Attached => EndedAt is null;

    public void Detach(Instant at, TerminationMode mode) => (EndedAt, Mode) = (at, mode);
}

/// <summary>A payment intent.</summary>
internal sealed record Intent(string Id, string Customer, long Amount, string Currency, string Description, Fields Metadata, bool Saves, Instant CreatedAt)
{
    public string Status { get; set; } = "requires_payment_method";

    public SavedCard? Card { get; set; }

    public CardCharge? Charge { get; set; }

    /// <summary>The decline code of the last failure, until the payment changes in any way.</summary>
    public string? LastDecline { get; set; }

    /// <summary>The merchant's number; a payment without one goes by the rail's.</summary>
    public string Order => Metadata.GetValueOrDefault("order", Id);
}

/// <summary>One try to take money from a card.</summary>
internal sealed record CardCharge(string Id, Instant At, string? Decline);

/// <summary>Money on its way back.</summary>
internal sealed record Refund(string Id, Intent Of, long Amount, Fields Metadata, Instant CreatedAt)
{
    public string Status { get; set; } = "pending";

    public string Number => Metadata.GetValueOrDefault("refund", Id);
}

/// <summary>A line of the account's balance.</summary>
internal sealed record BalanceLine(string Id, Instant At, Intent? Paid, Refund? Refunded);
