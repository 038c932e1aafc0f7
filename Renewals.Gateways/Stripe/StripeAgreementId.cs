namespace Renewals.Gateways.Stripe;

/// <summary>An agreement at Stripe: the payment method a customer of ours saved. Written <c>cus_…/pm_…</c>.</summary>
/// <remarks>A customer is made for each agreement and serves no other, so the list of its payments is the list of the agreement's orders.</remarks>
/// <param name="Customer">The customer, <c>cus_…</c>.</param>
/// <param name="Method">The payment method, <c>pm_…</c>.</param>
internal readonly record struct StripeAgreementId(string Customer, string Method)
{
    /// <summary>Its form in the vault.</summary>
    public override string ToString() => $"{Customer}/{Method}";

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static StripeAgreementId? Parse(string? text) => text?.Split('/') is [{ Length: > 0 } customer, { Length: > 0 } method]
        ? new(customer, method)
        : null;

    /// <summary>The id of both; null while one is missing.</summary>
    public static StripeAgreementId? Of(string? customer, string? method) =>
        string.IsNullOrEmpty(customer) || string.IsNullOrEmpty(method) ? null : new(customer, method);
}
