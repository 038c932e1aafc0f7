namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>What goes back to the merchant, before it is signed.</summary>
internal sealed class GatewayAnswer
{
    private static readonly string[] Echoed =
        ["version", "encoding", "signMethod", "txnType", "txnSubType", "bizType", "accessType", "merId", "orderId", "txnTime", "reqReserved"];

    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);

    private GatewayAnswer()
    {
    }

    public IReadOnlyDictionary<string, string> Fields => fields;

    /// <summary>The connection breaks instead.</summary>
    public bool Lost { get; private init; }

    /// <summary>A notification that arrives before the answer does.</summary>
    public OutgoingCallback? SentBefore { get; init; }

    /// <summary>An answer that repeats what the request said of itself.</summary>
    public static GatewayAnswer To(GatewayCall call, string code, string? detail = null, OutgoingCallback? sentBefore = null)
    {
        var answer = new GatewayAnswer { SentBefore = sentBefore };
        foreach (var name in Echoed)
            answer.With(name, call[name]);
        return answer.With("respCode", code).With("respMsg", ResponseTexts.Of(code, detail));
    }

    public static GatewayAnswer Broken(OutgoingCallback? sentBefore = null) => new() { Lost = true, SentBefore = sentBefore };

    /// <summary>Sets a field; an empty value leaves it out.</summary>
    public GatewayAnswer With(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            fields[name] = value;
        return this;
    }

    public GatewayAnswer With(IEnumerable<KeyValuePair<string, string>> more)
    {
        foreach (var (name, value) in more)
            With(name, value);
        return this;
    }
}
