using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>Everything the rail knows. Only touched under <see cref="Gate"/>.</summary>
internal sealed class StripeState(StripeSandboxOptions options, StripeSandboxCredentials credentials, SandboxBank bank, TimeProvider time)
{
    private readonly Dictionary<string, int> used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StripeChargeDecision> decisions = new(StringComparer.Ordinal);

    public Lock Gate { get; } = new();

    public StripeSandboxOptions Options { get; } = options;

    public StripeSandboxCredentials Credentials { get; } = credentials;

    public SandboxBank Bank { get; } = bank;

    public MerchantAccount Account { get; } = new("stripe", credentials.AccountId);

    public ScriptedDeclines Declines { get; } = new();

    public DueQueue Queue { get; } = new();

    public Uri? MerchantNotifyUrl { get; set; }

    public Dictionary<string, Customer> Customers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, CheckoutPage> Pages { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SavedCard> Cards { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Intent> Intents { get; } = new(StringComparer.Ordinal);

    /// <summary>Payments of a customer, oldest first.</summary>
    public Dictionary<string, List<Intent>> IntentsByCustomer { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<CheckoutPage>> PagesByCustomer { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<Refund>> RefundsByIntent { get; } = new(StringComparer.Ordinal);

    /// <summary>Oldest first.</summary>
    public List<BalanceLine> Balance { get; } = [];

    public Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>An id that nothing else has; the same history gives the same ids.</summary>
    public string NewId(string prefix, string of)
    {
        var again = used[$"{prefix}/{of}"] = used.GetValueOrDefault($"{prefix}/{of}") + 1;
        return $"{prefix}_{StableId.Hex(24, prefix, of, again.ToString(System.Globalization.CultureInfo.InvariantCulture))}";
    }

    /// <summary>Changes the rail's state by itself, later.</summary>
    public void Later(Instant due, string key, Action<Instant> change) => Queue.Add(new DueChange(due, key, at =>
    {
        lock (Gate)
        {
            change(at);
        }
    }));

    /// <summary>What becomes of an order; the same however often it is asked.</summary>
    public StripeChargeDecision DecisionOf(string member, string order)
    {
        if (!decisions.TryGetValue(order, out var decision))
            decisions[order] = decision = Options.Charges(new(member, order));
        return decision;
    }

    /// <summary>What becomes of the answer to the first try of an order; null for every later one.</summary>
    public StripeFault? FirstAnswerOf(string member, string order) => decisions.ContainsKey(order) ? null : DecisionOf(member, order).FirstAnswer;

    public static List<T> ListOf<T>(Dictionary<string, List<T>> lists, string key) => lists.TryGetValue(key, out var list) ? list : lists[key] = [];
}
