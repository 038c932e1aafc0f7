using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>A signing that was opened in the wallet, from the first look at the page to its end.</summary>
internal sealed class Signing
{
    public required string Code { get; init; }

    public required string Scene { get; init; }

    public required string PersonalProduct { get; init; }

    /// <summary>Null for an agreement without a plan (通用代扣).</summary>
    public required PeriodRule? Rule { get; init; }

    public required string DisplayAccount { get; init; }

    /// <summary>How long the agreement will live (<c>sign_validity_period</c>); null: for ever.</summary>
    public required Period? Validity { get; init; }

    public required Uri? NotifyUrl { get; init; }

    public required Uri? ReturnUrl { get; init; }

    /// <summary>From here on the page cannot be confirmed (<c>effect_time</c>).</summary>
    public required Instant OpenUntil { get; init; }

    /// <summary>The order of pay-and-sign (支付并签约); null when only an agreement is signed.</summary>
    public Trade? Order { get; init; }

    public bool GivenUp { get; set; }

    public bool IsOpenAt(Instant now) => !GivenUp && now < OpenUntil;
}

/// <summary>A signed agreement.</summary>
internal sealed class Agreement
{
    public required Signing Signing { get; init; }

    public required string Number { get; init; }

    public required string Member { get; init; }

    public required Instant SignedAt { get; init; }

    public required Instant InvalidAt { get; init; }

    /// <summary>The plan and its counters; null for an agreement without one.</summary>
    public required PlanState? Plan { get; init; }

    public Instant? EndedAt { get; set; }

    public TerminationMode Mode { get; set; }

    /// <summary>STOP: deductions are refused until it is lifted.</summary>
    public bool Suspended { get; set; }

    /// <summary>The deduction that is being executed.</summary>
    public Trade? UnderWay { get; set; }

    public string Code => Signing.Code;

    public bool IsInForceAt(Instant now) => EndedAt is null && now < InvalidAt;

    public SandboxAgreement View(Instant now) => new(
        Code, Number, Member, SignedAt, EndedAt ?? (now >= InvalidAt ? InvalidAt : null),
        EndedAt is not null ? Mode : now >= InvalidAt ? TerminationMode.Expired : null);
}

/// <summary>Where an order stands.</summary>
internal enum TradeStage
{
    /// <summary>Waits for money (<c>WAIT_BUYER_PAY</c>).</summary>
    Open,

    /// <summary>Accepted and being executed; to a query still <c>WAIT_BUYER_PAY</c>.</summary>
    UnderWay,

    /// <summary>Paid.</summary>
    Paid,

    /// <summary>Closed without having been paid.</summary>
    Closed,
}

/// <summary>An order (交易): of a deduction, or of pay-and-sign.</summary>
internal sealed class Trade
{
    public required string Number { get; init; }

    public required string TradeNo { get; init; }

    public required long Amount { get; init; }

    public required string Subject { get; init; }

    public required string Passback { get; init; }

    /// <summary>The whole content: what a repeat must equal.</summary>
    public required string Content { get; init; }

    public required Uri? NotifyUrl { get; init; }

    public required Instant CreatedAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    /// <summary>Null for an order of pay-and-sign.</summary>
    public Agreement? Agreement { get; init; }

    public DeductionDecision Decision { get; init; } = new();

    public string Member { get; set; } = "";

    public TradeStage Stage { get; set; }

    public Instant PaidAt { get; set; }

    /// <summary>The rule it was paid under.</summary>
    public ExecutedUnder Under { get; set; }

    public Instant ClosedAt { get; private set; }

    /// <summary>What cancelling did (<c>action</c>); empty before.</summary>
    public string Cancelled { get; set; } = "";

    public List<Refund> Refunds { get; } = [];

    /// <summary>What went back in all.</summary>
    public long Refunded => Refunds.Where(refund => refund.Stage == RefundStage.Done).Sum(refund => refund.Amount);

    /// <summary>What went back or is on its way.</summary>
    public long RefundedOrAsked => Refunds.Where(refund => refund.Stage != RefundStage.Failed).Sum(refund => refund.Amount);

    public bool IsRefundedInFull => Stage == TradeStage.Paid && Refunded == Amount;

    public void Close(Instant at) => (Stage, ClosedAt) = (TradeStage.Closed, at);
}

/// <summary>Where a refund stands.</summary>
internal enum RefundStage
{
    Processing,
    Done,
    Failed,
}

/// <summary>A refund of a paid order.</summary>
internal sealed class Refund
{
    /// <summary>The merchant's number (<c>out_request_no</c>), unique within its order.</summary>
    public required string Number { get; init; }

    public required Trade Trade { get; init; }

    public required long Amount { get; init; }

    public required string Reason { get; init; }

    public RefundStage Stage { get; set; }

    public Instant EndedAt { get; set; }
}
