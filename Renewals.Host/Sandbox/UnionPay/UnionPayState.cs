using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>All the rail knows, and the one lock around it.</summary>
internal sealed class UnionPayState
{
    private readonly TimeProvider time;
    private readonly HashSet<(string OrderId, LocalDate Day)> used = [];
    private readonly HashSet<string> queryIds = new(StringComparer.Ordinal);

    public UnionPayState(UnionPaySandboxOptions options, UnionPaySandboxCredentials credentials, SandboxBank bank, TimeProvider time)
    {
        (Options, Credentials, Bank, this.time) = (options, credentials, bank, time);
        Account = new MerchantAccount("unionpay", credentials.MerId);
        Cards = new CardRegister(bank, options.HoldsCreditCard);
    }

    /// <summary>Held by whoever reads or changes anything below.</summary>
    public Lock Gate { get; } = new();

    public UnionPaySandboxOptions Options { get; }

    public UnionPaySandboxCredentials Credentials { get; }

    public MerchantAccount Account { get; }

    public SandboxBank Bank { get; }

    public CardRegister Cards { get; }

    public ScriptedDeclines Declines { get; } = new();

    public DueQueue Queue { get; } = new();

    public Uri? MerchantNotifyUrl { get; set; }

    /// <summary>Everything recorded, by the merchant's order number and time.</summary>
    public Dictionary<(string OrderId, string TxnTime), Transaction> Transactions { get; } = [];

    public Dictionary<string, Collection> CollectionsByQueryId { get; } = new(StringComparer.Ordinal);

    /// <summary>Front transactions by the token of their page.</summary>
    public Dictionary<string, Establishing> Pages { get; } = new(StringComparer.Ordinal);

    /// <summary>By the order number they were established under.</summary>
    public Dictionary<string, Establishing> Establishings { get; } = new(StringComparer.Ordinal);

    /// <summary>The latest entrust of each key, in force or not.</summary>
    public Dictionary<string, Entrust> Entrusts { get; } = new(StringComparer.Ordinal);

    /// <summary>Every entrust ever established.</summary>
    public List<Entrust> AllEntrusts { get; } = [];

    public Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>Whether the order number was used on this trading day.</summary>
    public bool IsUsed(GatewayCall call) =>
        used.Contains((call["orderId"], UnionPayTime.ClearingDay(call.Now))) || Transactions.ContainsKey(call.Key);

    /// <summary>Records a transaction; from here on its order number is used up for the day.</summary>
    public void Record(Transaction transaction)
    {
        used.Add((transaction.OrderId, UnionPayTime.ClearingDay(transaction.AcceptedAt)));
        Transactions.Add(transaction.Call.Key, transaction);
        var stamp = UnionPayTime.Compact(transaction.AcceptedAt)[2..];
        for (var again = 0; ; again++)
        {
            transaction.TraceNo = StableId.Digits(6, "trace", transaction.OrderId, transaction.Call["txnTime"], again.ToString());
            transaction.QueryId = $"51{stamp}{transaction.TraceNo}8";
            if (queryIds.Add(transaction.QueryId))
                return;
        }
    }
}
