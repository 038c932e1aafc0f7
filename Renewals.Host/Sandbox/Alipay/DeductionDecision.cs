using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What is known of a deduction when its fate is drawn.</summary>
/// <param name="OrderNumber">The merchant's order number (<c>out_trade_no</c>).</param>
/// <param name="SigningCode">The merchant's code of the agreement.</param>
/// <param name="Member">Who pays.</param>
/// <param name="Amount">What is asked for.</param>
/// <param name="At">When the merchant asked.</param>
public sealed record DeductionDraw(string OrderNumber, string SigningCode, string Member, Money Amount, Instant At);

/// <summary>What becomes of a deduction.</summary>
/// <remarks>The default succeeds at once, is answered and notified once.</remarks>
public sealed record DeductionDecision
{
    /// <summary>The rail's code of a refusal, such as <c>ACQ.BUYER_BALANCE_NOT_ENOUGH</c>; null (the default) succeeds if the balance suffices.</summary>
    public string? FailWith { get; init; }

    /// <summary>Accepted with 10003 and executed so much later; null (the default) executes at once.</summary>
    public Duration? ExecutedAfter { get; init; }

    /// <summary>What the first call of this order is answered. Repeats are answered normally.</summary>
    public PayAnswer FirstAnswer { get; init; }

    /// <summary>What becomes of the notification of success; refusals have none.</summary>
    public AlipayNotificationFate Notification { get; init; } = new();
}

/// <summary>What happens to the answer of an order's first call.</summary>
public enum PayAnswer
{
    /// <summary>It arrives.</summary>
    Given = 0,

    /// <summary>The connection breaks before anything is executed: the rail has no such order.</summary>
    LostBeforeExecution = 1,

    /// <summary>The connection breaks after the order was executed.</summary>
    LostAfterExecution = 2,

    /// <summary>20000, and nothing was executed.</summary>
    UnknownBeforeExecution = 3,

    /// <summary>20000, and the order was executed.</summary>
    UnknownAfterExecution = 4,
}

/// <summary>What becomes of a notification.</summary>
public sealed record AlipayNotificationFate
{
    /// <summary>Never sent: only a query tells. Default false.</summary>
    public bool Lost { get; init; }

    /// <summary>How many copies are sent, each repeated until it is accepted. Default 1.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>From the event to the first delivery. Default: 1 s.</summary>
    public Duration Delay { get; init; } = Duration.FromSeconds(1);

    /// <summary>The first delivery of each copy has a signature that is not the rail's; a strict merchant refuses it. Default false.</summary>
    public bool Forged { get; init; }
}

/// <summary>A change of an agreement that is told to the merchant.</summary>
/// <param name="SigningCode">The merchant's code.</param>
/// <param name="Signed">True for <c>dut_user_sign</c>, false for <c>dut_user_unsign</c>.</param>
public sealed record AgreementNews(string SigningCode, bool Signed);

/// <summary>What becomes of a refund.</summary>
public sealed record AlipayRefundDecision
{
    /// <summary>The rail's code of a refusal; null (the default) accepts it.</summary>
    public string? FailWith { get; init; }

    /// <summary>From accepting it to the money being back. Default: at once, answered with <c>fund_change</c> Y.</summary>
    public Duration Delay { get; init; } = Duration.Zero;
}
