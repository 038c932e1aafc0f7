using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.Examination;
using Renewals.Gateways.Resilience;
using Sdk = Stripe;

namespace Renewals.Gateways.Stripe;

/// <summary>Finds out whether an account could work: by what is configured, and by what the rail says of the account.</summary>
internal sealed class StripeExamination(StripeOptions options, StripeClient client, TimeProvider time)
{
    public async Task<IReadOnlyList<RailFinding>> RunAsync(CancellationToken cancellation)
    {
        var reply = await client.CallAsync(RailCall.Repeatable, (v1, token) => v1.Accounts.GetAsync(options.AccountId, null, null, token), cancellation);
        return
        [
            new(RailCheck.Keys, FindingVerdict.Yes, $"a {(options.LiveMode ? "live" : "test")} key and {options.WebhookSecrets.Count} webhook secret(s)"),
            Findings.Clock(DateOf(reply), Instant.FromDateTimeOffset(time.GetUtcNow())),
            Endpoint(reply),
            Product(reply),
            Findings.Callback(options.NotifyUrl),
        ];
    }

    private static DateTimeOffset? DateOf(StripeReply<Sdk.Account> reply) => reply switch
    {
        StripeReply<Sdk.Account>.Answer answer => answer.Value.StripeResponse?.Date,
        StripeReply<Sdk.Account>.Error error => error.Details.StripeResponse?.Date,
        _ => null,
    };

    private static RailFinding Endpoint(StripeReply<Sdk.Account> reply) => reply switch
    {
        StripeReply<Sdk.Account>.Answer => new(RailCheck.Endpoint, FindingVerdict.Yes, "the rail answers and takes our key"),
        StripeReply<Sdk.Account>.Error { Status: 401 } => new(
            RailCheck.Endpoint, FindingVerdict.No, "the rail does not take our key (HTTP 401)", "Roll the secret key and put the new one into the settings (Developers > API keys)."),
        StripeReply<Sdk.Account>.Error { Status: 403 } => new(RailCheck.Endpoint, FindingVerdict.Yes, "the rail answers; our restricted key may not read the account"),
        _ => Findings.NoAnswer(reply.Fault),
    };

    private RailFinding Product(StripeReply<Sdk.Account> reply) => reply switch
    {
        StripeReply<Sdk.Account>.Answer answer when answer.Value.Id != options.AccountId => new(
            RailCheck.Product, FindingVerdict.No, "the key belongs to another account", "Put the account of the key into AccountId (Settings > Business > Account details)."),
        StripeReply<Sdk.Account>.Answer { Value.ChargesEnabled: true } => new(RailCheck.Product, FindingVerdict.Yes, "the account may take charges"),
        StripeReply<Sdk.Account>.Answer => new(
            RailCheck.Product, FindingVerdict.No, "the account may not take charges yet", "Finish the account's activation (Dashboard > Activate payments)."),
        _ => new(RailCheck.Product, FindingVerdict.Unknown, reply.Fault, "Let the key read accounts, customers, checkout sessions, payment intents, payment methods, refunds and balance transactions."),
    };
}
