using Microsoft.Extensions.Options;
using NodaTime;

namespace Renewals.Gateways.Stripe;

/// <summary>Checks one account's options at start; every message begins with the field's name.</summary>
internal sealed class StripeOptionsCheck : IValidateOptions<StripeOptions>
{
    private static readonly string[] KeyPrefixes = ["sk_test_", "sk_live_", "rk_test_", "rk_live_"];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StripeOptions options)
    {
        var faults = Identity(options).Concat(Addresses(options)).Concat(Rules(options))
            .Concat(options.Resilience.Faults($"Stripe:{nameof(StripeOptions.Resilience)}")).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string Fault(string field, string what) => $"Stripe:{field} {what}";

    private static IEnumerable<string> Identity(StripeOptions options)
    {
        if (!IsToken(options.AccountId, "acct_"))
            yield return Fault(nameof(options.AccountId), "is the account: acct_ and letters and digits.");
        if (!KeyPrefixes.Any(prefix => IsToken(options.SecretKey, prefix)))
            yield return Fault(nameof(options.SecretKey), "must be a secret or restricted key: sk_test_…, sk_live_…, rk_test_… or rk_live_….");
        if (options.WebhookSecrets.Count == 0)
            yield return Fault(nameof(options.WebhookSecrets), "must have the signing secret of the webhook endpoint: whsec_….");
        for (var i = 0; i < options.WebhookSecrets.Count; i++)
        {
            if (options.WebhookSecrets[i] is not { Length: >= 22 } secret || !secret.StartsWith("whsec_", StringComparison.Ordinal) || !secret.All(char.IsAscii))
                yield return Fault($"{nameof(options.WebhookSecrets)}:{i}", "must begin with whsec_.");
        }
    }

    private static IEnumerable<string> Addresses(StripeOptions options)
    {
        if (options.BaseAddress is not { IsAbsoluteUri: true, Scheme: "https" or "http", AbsolutePath: "/", Query: "" })
            yield return Fault(nameof(options.BaseAddress), "must be an http or https address without a path.");
        if (options.NotifyUrl is not { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "" })
            yield return Fault(nameof(options.NotifyUrl), "must be an absolute http or https address without a query.");
        if (options.ReturnUrl is not { IsAbsoluteUri: true, Scheme: "https" or "http" })
            yield return Fault(nameof(options.ReturnUrl), "must be an absolute http or https address.");
        if (options.CancelUrl is { } cancel && cancel is not { IsAbsoluteUri: true, Scheme: "https" or "http" })
            yield return Fault(nameof(options.CancelUrl), "must be an absolute http or https address, or not set.");
    }

    private static IEnumerable<string> Rules(StripeOptions options)
    {
        if (options.SigningLifetime < Duration.FromHours(1) || options.SigningLifetime > Duration.FromHours(23))
            yield return Fault(nameof(options.SigningLifetime), "must be 1 to 23 hours.");
        if (options.SigningConsent < Duration.Zero || options.SigningConsent > Duration.FromHours(24))
            yield return Fault(nameof(options.SigningConsent), "must be 0 to 24 hours.");
        if (options.CallbackTolerance < Duration.FromSeconds(1) || options.CallbackTolerance > Duration.FromMinutes(5))
            yield return Fault(nameof(options.CallbackTolerance), "must be 1 s to 5 min.");
        if (options.ResendMargin < Duration.FromMinutes(10) || options.ResendMargin > Duration.FromHours(23))
            yield return Fault(nameof(options.ResendMargin), "must be 10 min to 23 h.");
        if (options.MaxStatementBytes is < 1024 * 1024 or > 1024 * 1024 * 1024)
            yield return Fault(nameof(options.MaxStatementBytes), "must be 1 MiB to 1 GiB.");
    }

    private static bool IsToken(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length + 3 && text[prefix.Length..].All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
