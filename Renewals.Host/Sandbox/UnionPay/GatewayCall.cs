using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>A request that passed all checks of its form.</summary>
/// <param name="Fields">As sent, decoded.</param>
/// <param name="Now">When it arrived.</param>
internal sealed record GatewayCall(IReadOnlyDictionary<string, string> Fields, Instant Now)
{
    /// <summary>A field, empty when it is absent.</summary>
    public string this[string name] => Fields.GetValueOrDefault(name, "");

    /// <summary>What names it among the merchant's transactions.</summary>
    public (string OrderId, string TxnTime) Key => (this["orderId"], this["txnTime"]);

    /// <summary>The amount in fen; 0 when there is none.</summary>
    public long Amount => this["txnAmt"] is { Length: > 0 } digits ? long.Parse(digits) : 0;

    /// <summary>A field that was checked to be an address; null when it is absent.</summary>
    public Uri? Url(string name) => this[name] is { Length: > 0 } text ? new Uri(text) : null;
}
