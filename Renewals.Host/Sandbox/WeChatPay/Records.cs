using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Where a signing stands.</summary>
internal enum SigningStage
{
    Pending,
    Signed,
    GivenUp,
}

/// <summary>A request to sign, from the first call to its end.</summary>
internal sealed class Signing
{
    public required string Code { get; init; }

    public required SandboxTemplate Template { get; init; }

    public required string Scene { get; init; }

    public required string RequestSerial { get; init; }

    public required string DisplayAccount { get; init; }

    public required Uri NotifyUrl { get; init; }

    public required Instant OpenedAt { get; init; }

    /// <summary>What a repeat must equal.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The user the merchant named; null when it named none.</summary>
    public string? OpenId { get; init; }

    public string? PreEntrustId { get; init; }

    public string? PrepayId { get; init; }

    public SigningStage Stage { get; set; }

    public PendingSigning View() => new(Code, Template.PlanId, Scene, DisplayAccount, PreEntrustId, PrepayId);

    /// <summary>The session's life is not published for API v2; two hours, as of a prepay id.</summary>
    public bool IsOpenAt(Instant now) => Stage == SigningStage.Pending && now < OpenedAt + Duration.FromHours(2);
}

/// <summary>A signed contract.</summary>
internal sealed class Contract
{
    public required Signing Signing { get; init; }

    public required string Id { get; init; }

    public required string Member { get; init; }

    public required string OpenId { get; init; }

    public required Instant SignedAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    public string Code => Signing.Code;

    public SandboxTemplate Template => Signing.Template;

    public Instant? TerminatedAt { get; set; }

    public TerminationMode Mode { get; set; }

    public string Remark { get; set; } = "";

    /// <summary>The open notice cycle; null before a notice and after a success.</summary>
    public NoticeCycle? Cycle { get; set; }

    /// <summary>A contract that ever got a notice has lost the first-charge exception.</summary>
    public bool EverNoticed { get; set; }

    /// <summary>The accepted order whose result is open.</summary>
    public Order? OpenOrder { get; set; }

    public LocalDate? LastPaidDay { get; set; }

    /// <summary>Orders accepted so far.</summary>
    public int Applied { get; set; }

    public SandboxAgreement View() =>
        new(Code, Id, Member, SignedAt, TerminatedAt, TerminatedAt is null ? null : Mode);
}

/// <summary>Where an order stands. Names follow <c>trade_state</c>.</summary>
internal enum OrderStage
{
    Open,
    Paid,
    Failed,
    Closed,
}

/// <summary>An order: of the deduction interface (contract set), or of the cashier.</summary>
internal sealed class Order(V2Call call, ExecutedUnder under)
{
    public string Number { get; } = call["out_trade_no"];

    public long Amount { get; } = call.Fen("total_fee");

    public string Subject { get; } = call["body"];

    public string Attach { get; } = call["attach"];

    public string Fingerprint { get; } = call.Fingerprint();

    public Uri NotifyUrl { get; } = call.Url("notify_url");

    public Instant AcceptedAt { get; } = call.Now;

    public WeChatPaySignType SignType { get; } = call.SignType;

    public required string TradeType { get; init; }

    /// <summary>Null for an order of the cashier.</summary>
    public Contract? Contract { get; init; }

    /// <summary>The rule it is executed under.</summary>
    public ExecutedUnder Under { get; } = under;

    /// <summary>Before this the rail waits (24-hour mode).</summary>
    public Instant ExecuteAt { get; init; }

    public ChargeDecision Decision { get; init; } = new();

    public Signing? PreSigning { get; init; }

    public string PrepayId { get; init; } = "";

    public Instant ExpiresAt { get; init; } = Instant.MaxValue;

    public OrderStage Stage { get; set; }

    public string FailCode { get; set; } = "";

    public string TransactionId { get; set; } = "";

    public string Member { get; set; } = "";

    public Instant EndedAt { get; set; }

    public List<Refund> Refunds { get; } = [];

    public bool IsRefunded => Refunds.Exists(refund => refund.Stage == RefundStage.Done);

    /// <summary>Everything asked back, done or on its way.</summary>
    public long RefundedOrAsked =>
        Refunds.Where(refund => refund.Stage is RefundStage.Processing or RefundStage.Done).Sum(refund => refund.Amount);
}

/// <summary>Where a refund stands.</summary>
internal enum RefundStage
{
    Processing,
    Done,
    Closed,
    Unreachable,
}

/// <summary>A refund of a paid order.</summary>
internal sealed class Refund
{
    public required string Number { get; init; }

    public required string Id { get; init; }

    public required Order Order { get; init; }

    public required long Amount { get; init; }

    public required string Fingerprint { get; init; }

    public required Instant AskedAt { get; init; }

    public Uri? NotifyUrl { get; init; }

    /// <summary>Which interface asked: its callback has that interface's form.</summary>
    public bool ByV3 { get; init; }

    public bool OnPlatform { get; init; }

    public required RefundDecision Decision { get; init; }

    public RefundStage Stage { get; set; }

    public Instant EndedAt { get; set; }
}
