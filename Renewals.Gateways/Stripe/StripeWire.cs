using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Gateways.Stripe;

/// <summary>Names and forms on the wire. Metadata carries our numbers: Stripe has no merchant's order number of its own.</summary>
internal static class StripeWire
{
    /// <summary>Metadata: the order number.</summary>
    public const string Order = "order";

    /// <summary>Metadata: the refund number.</summary>
    public const string Refund = "refund";

    /// <summary>Metadata: the agreement's signing code.</summary>
    public const string Agreement = "agreement";

    /// <summary>A metadata value; empty when it is absent.</summary>
    public static string Text(this IDictionary<string, string>? metadata, string name) =>
        metadata is not null && metadata.TryGetValue(name, out var value) ? value ?? "" : "";

    /// <summary>The currency as Stripe writes it, lower case.</summary>
    public static string Currency(this Money money) => money.Currency.ToLowerInvariant();

    /// <summary>An amount as Stripe writes it: whole minor units and a lower-case currency.</summary>
    public static Money? Amount(long amount, string? currency) =>
        currency is { Length: 3 } && amount >= 0 ? new Money(amount, currency.ToUpperInvariant()) : null;

    /// <summary>A time of the library, which is UTC; null for its "absent".</summary>
    public static Instant? Time(DateTime? time) =>
        time is { } given && given.Year > 1971 ? Instant.FromDateTimeUtc(DateTime.SpecifyKind(given, DateTimeKind.Utc)) : null;
}
