using System.Security.Cryptography;
using NodaTime;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>How the sandbox is set up. Everything has a default.</summary>
public sealed record StripeSandboxOptions
{
    /// <summary>The account and its keys; null (the default) generates them at start.</summary>
    public StripeSandboxCredentials? Credentials { get; init; }

    /// <summary>What becomes of a charge without the member. Asked once per order, under the sandbox's lock: it must be quick.</summary>
    /// <remarks>Default: paid at once if the balance suffices. Without funds nothing succeeds.</remarks>
    public Func<StripeDraw, StripeChargeDecision> Charges { get; init; } = _ => new StripeChargeDecision();

    /// <summary>How long a refund is pending, by refund number. Default: zero, it succeeds at once as most refunds of cards do.</summary>
    public Func<string, Duration> RefundDelays { get; init; } = _ => Duration.Zero;

    /// <summary>How many webhooks are in flight together, 1 to 64. Default 1: one after another, in the order of their keys.</summary>
    public int CallbacksAtOnce { get; init; } = 1;

    /// <summary>How long the merchant may take to answer a webhook, in real time. Default 10 s.</summary>
    public TimeSpan CallbackTimeLimit { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>The account the sandbox knows. Keys are made at random and open nothing else.</summary>
/// <param name="AccountId">The account, <c>acct_…</c>.</param>
/// <param name="SecretKey">The secret key of test mode.</param>
/// <param name="WebhookSecret">What webhooks are signed with.</param>
public sealed record StripeSandboxCredentials(string AccountId, string SecretKey, string WebhookSecret)
{
    /// <summary>Makes keys.</summary>
    /// <param name="account">The account, <c>acct_…</c>.</param>
    public static StripeSandboxCredentials Generate(string account = "acct_1SandboxRenewals") => new(
        account, $"sk_test_{RandomNumberGenerator.GetHexString(32, lowercase: true)}", $"whsec_{RandomNumberGenerator.GetHexString(32, lowercase: true)}");
}

/// <summary>A charge about to be decided.</summary>
/// <param name="Member">Who pays.</param>
/// <param name="OrderNumber">The merchant's order number, from the payment's metadata.</param>
public readonly record struct StripeDraw(string Member, string OrderNumber);

/// <summary>What becomes of a charge and of the words about it.</summary>
public sealed record StripeChargeDecision
{
    /// <summary>The bank's decline code, such as <c>do_not_honor</c>; null: paid, if the balance suffices.</summary>
    public string? DeclineCode { get; init; }

    /// <summary>How long it is <c>processing</c>; zero: decided at once.</summary>
    public Duration ProcessingFor { get; init; }

    /// <summary>What becomes of the answer to the first try.</summary>
    public StripeFault? FirstAnswer { get; init; }

    /// <summary>How often its result is told: 0 is never, 2 is twice.</summary>
    public int Copies { get; init; } = 1;
}
