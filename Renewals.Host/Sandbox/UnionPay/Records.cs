using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>A transaction the rail recorded under the merchant's <c>orderId</c> and <c>txnTime</c>.</summary>
internal abstract class Transaction(GatewayCall call)
{
    public GatewayCall Call { get; } = call;

    public string OrderId => Call["orderId"];

    public Instant AcceptedAt => Call.Now;

    public long Amount { get; } = call.Amount;

    /// <summary>The rail's number (<c>queryId</c>).</summary>
    public string QueryId { get; set; } = "";

    /// <summary>The system trace number (<c>traceNo</c>).</summary>
    public string TraceNo { get; set; } = "";

    /// <summary>The final response code; null while the result is open.</summary>
    public string? Result { get; private set; }

    public string? Detail { get; private set; }

    /// <summary>When the result was known.</summary>
    public Instant EndedAt { get; private set; }

    /// <summary>The clearing day its money belongs to.</summary>
    public LocalDate SettleDay { get; set; }

    /// <summary>The card it is about; null where none was found.</summary>
    public UnionPayCard? Card { get; init; }

    /// <summary>For so long a status query finds nothing.</summary>
    public virtual Duration HiddenFor => Duration.Zero;

    public bool Succeeded => Result is "00" or "A6";

    public int Queries { get; set; }

    public void End(string result, Instant at, string? detail = null)
    {
        (Result, Detail, EndedAt) = (result, detail, at);
        SettleDay = UnionPayTime.ClearingDay(at);
    }
}

/// <summary>A removal, or another transaction that ends as it is answered.</summary>
internal sealed class PlainTransaction(GatewayCall call) : Transaction(call);

/// <summary>A request to establish an entrust (建立委托), by page or at once.</summary>
internal sealed class Establishing(GatewayCall call, Payer payer, EntrustTerms terms) : Transaction(call)
{
    public Payer Payer { get; } = payer;

    public EntrustTerms Terms { get; } = terms;

    /// <summary>Null for the back variant, which shows no page.</summary>
    public string? PageToken { get; init; }

    public Instant ClosesAt { get; init; }

    public int WrongCodes { get; set; }

    public bool IsOpenAt(Instant now) => PageToken is not null && Result is null && now < ClosesAt;
}

/// <summary>An established entrust.</summary>
internal sealed class Entrust(Establishing origin, string key, Instant signedAt)
{
    public Establishing Origin { get; } = origin;

    /// <summary>What names it among the merchant's entrusts: card and user number, card, or <c>bindId</c>, by generation.</summary>
    public string Key { get; } = key;

    public UnionPayCard Card { get; } = origin.Card!;

    public Instant SignedAt { get; } = signedAt;

    public Instant? ExpiresAt { get; } = origin.Terms.ExpiryOf(signedAt);

    public Instant? RemovedAt { get; private set; }

    public TerminationMode RemovedBy { get; private set; }

    /// <summary>Collections accepted so far.</summary>
    public int Collections { get; set; }

    /// <summary>Collections that succeeded and were not voided.</summary>
    public List<Collection> Successes { get; } = [];

    public bool IsInForceAt(Instant now) => RemovedAt is null && (ExpiresAt is not { } end || now < end);

    public bool Remove(Instant now, TerminationMode by)
    {
        if (!IsInForceAt(now))
            return false;
        (RemovedAt, RemovedBy) = (now, by);
        return true;
    }

    /// <summary>Whether one more success is within the terms.</summary>
    public bool AllowsOneMore(Instant at)
    {
        var terms = Origin.Terms;
        var day = UnionPayTime.InBeijing(at).Date;
        return terms.Unit == FrequencyUnit.Unlimited
            || Successes.Count(paid => terms.SameUnit(UnionPayTime.InBeijing(paid.AcceptedAt).Date, day)) < terms.Most;
    }

    /// <summary>What was collected in the calendar month of an instant, in fen.</summary>
    public long TakenInMonthOf(Instant at) => Successes
        .Where(paid => UnionPayTime.InBeijing(paid.AcceptedAt).Date.ToYearMonth() == UnionPayTime.InBeijing(at).Date.ToYearMonth())
        .Sum(paid => paid.Amount);

    public SandboxAgreement View(Instant now)
    {
        var ended = RemovedAt ?? (ExpiresAt is { } end && end <= now ? end : null);
        return new SandboxAgreement(
            Origin.OrderId, RailId, Card.Member, SignedAt, ended,
            ended is null ? null : RemovedAt is null ? TerminationMode.Expired : RemovedBy);
    }

    /// <summary>The rail makes no id of its own: the merchant's own key of the relation stands for it.</summary>
    public string RailId =>
        Origin.Call["bindId"] is { Length: > 0 } bind ? bind : Origin.Call["billNo"] is { Length: > 0 } bill ? bill : Origin.OrderId;
}

/// <summary>A collection (代收).</summary>
internal sealed class Collection(GatewayCall call, CollectionDecision decision) : Transaction(call)
{
    public CollectionDecision Decision { get; } = decision;

    public Entrust? Entrust { get; init; }

    /// <summary>Voids and refunds accepted and not failed.</summary>
    public List<Reversal> Reversals { get; } = [];

    public bool IsVoided => Reversals.Exists(reversal => reversal is { IsVoid: true, Succeeded: true });

    public override Duration HiddenFor => Decision.HiddenFor;
}

/// <summary>A void (撤销) or a refund (退货) of a collection.</summary>
internal sealed class Reversal(GatewayCall call, ReversalDecision decision) : Transaction(call)
{
    public ReversalDecision Decision { get; } = decision;

    /// <summary>Null when the original was not found.</summary>
    public Collection? Original { get; init; }

    public bool IsVoid => Call["txnType"] == "31";
}
