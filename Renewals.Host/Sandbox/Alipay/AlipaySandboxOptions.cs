using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>How the sandbox is set up: one app of one seller. Everything has a default.</summary>
public sealed record AlipaySandboxOptions
{
    /// <summary>Keys and names of the merchant and the platform; null (the default) generates them at start.</summary>
    public AlipaySandboxCredentials? Credentials { get; init; }

    /// <summary>How keys are exchanged. Default: key mode.</summary>
    public AlipayKeyMode Mode { get; init; }

    /// <summary>Content encryption (接口内容加密) is on: contents come encrypted, and answers go encrypted. Default false.</summary>
    public bool EncryptsContent { get; init; }

    /// <summary>The merchant's contract. Default: 商家扣款.</summary>
    public AlipayProduct Product { get; init; } = AlipayProduct.MerchantDeduction;

    /// <summary>The scenes of the contract (签约场景码). Default: <c>INDUSTRY|DIGITAL_MEDIA</c>.</summary>
    public IReadOnlyList<string> Scenes { get; init; } = ["INDUSTRY|DIGITAL_MEDIA"];

    /// <summary>The most an agreement may let one charge take, in fen. Default 5,000 yuan: our own figure, the real one stands in the contract.</summary>
    public long MaxSingleAmount { get; init; } = 500_000;

    /// <summary>How many days before the planned date it can be charged. Default 5, the newest official answer; an older one says 3.</summary>
    public int WindowDays { get; init; } = 5;

    /// <summary>A date moves by less than one period only, as an answer of 2020 says. Default false: to any later date, as one of 2024 says.</summary>
    public bool MovesWithinOnePeriod { get; init; }

    /// <summary>How often the date of an agreement can be moved. Default: without limit (2024); an answer of 2020 says ten times.</summary>
    public int? MostMoves { get; init; }

    /// <summary>A deduction refused for the member's means leaves an order that waits (<c>WAIT_BUYER_PAY</c>). Default true: whether it does is not published.</summary>
    public bool RefusedLeavesOrder { get; init; } = true;

    /// <summary>How long a paid order can be refunded. Default a year: our own figure, the real one stands in the contract.</summary>
    public Duration RefundPeriod { get; init; } = Duration.FromDays(365);

    /// <summary>How far the timestamp of a call may be from the rail's clock. Default 10 minutes; the real tolerance is not published.</summary>
    public Duration TimestampTolerance { get; init; } = Duration.FromMinutes(10);

    /// <summary>Members are named by open ids, as new apps have it. Default true; false gives 2088 numbers.</summary>
    public bool UsesOpenIds { get; init; } = true;

    /// <summary>Partial refunds of deductions are notified too: their state is TRADE_SUCCESS. Default true; not published for this product.</summary>
    public bool NotifiesPartialRefunds { get; init; } = true;

    /// <summary>Closed deductions are notified, full refunds included. Default false: by default <c>alipay.trade.pay</c> tells of TRADE_SUCCESS only.</summary>
    public bool NotifiesClosing { get; init; }

    /// <summary>A day without business has a bill without rows. Default false: there is none.</summary>
    public bool EmptyBills { get; init; }

    /// <summary>From this time of the next day on a bill can be had. Default 09:00, as is usual.</summary>
    public LocalTime BillsReadyAt { get; init; } = new(9, 0);

    /// <summary>How answers are written. Default: slashes escaped, the signature over the text as it is sent.</summary>
    public AlipayAnswerStyle Style { get; init; } = AlipayAnswerStyle.EscapedSlashes;

    /// <summary>What becomes of a deduction. Asked once per order, under the sandbox's lock: it must be quick.</summary>
    public Func<DeductionDraw, DeductionDecision> Deductions { get; init; } = _ => new DeductionDecision();

    /// <summary>What becomes of a refund, by its request number; asked once for each. Default: the money is back at once.</summary>
    public Func<string, AlipayRefundDecision> Refunds { get; init; } = _ => new AlipayRefundDecision();

    /// <summary>What becomes of the notification of an agreement. Default: delivered once, after a second.</summary>
    public Func<AgreementNews, AlipayNotificationFate> AgreementNotifications { get; init; } = _ => new AlipayNotificationFate();

    /// <summary>Whether the signing fails while the payment of pay-and-sign (支付并签约) succeeds, by the merchant's code. Default never.</summary>
    public Predicate<string> SigningFailsAfterPayment { get; init; } = _ => false;

    /// <summary>How many notifications are in flight together, 1 to 64. Default 1: one after another, in the order of their keys.</summary>
    public int CallbacksAtOnce { get; init; } = 1;

    /// <summary>How long the merchant may take to answer a notification, in real time. Default 5 s; the real limit is not published.</summary>
    public TimeSpan CallbackTimeLimit { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>How keys are exchanged with Alipay.</summary>
public enum AlipayKeyMode
{
    /// <summary>Public keys (公钥模式).</summary>
    Key = 0,

    /// <summary>Certificates (公钥证书模式).</summary>
    Certificate = 1,
}

/// <summary>How answers are written; a client must verify all of it.</summary>
[Flags]
public enum AlipayAnswerStyle
{
    /// <summary>As a plain writer does.</summary>
    Plain = 0,

    /// <summary>Slashes are escaped: <c>\/</c>.</summary>
    EscapedSlashes = 1,

    /// <summary>Signed before slashes were escaped; without <see cref="EscapedSlashes"/> it changes nothing.</summary>
    SignedBeforeEscaping = 2,

    /// <summary>Chinese as <c>\u</c> escapes.</summary>
    EscapedChinese = 4,

    /// <summary>With white space, which is signed too.</summary>
    Spaced = 8,

    /// <summary>The signature stands before the node.</summary>
    SignFirst = 16,
}
