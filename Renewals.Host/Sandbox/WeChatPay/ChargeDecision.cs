using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>What is known of a charge when its fate is drawn.</summary>
/// <param name="OrderNumber">The merchant's order number (<c>out_trade_no</c>).</param>
/// <param name="ContractCode">The merchant's code of the contract.</param>
/// <param name="Member">Who pays.</param>
/// <param name="Amount">What is asked for.</param>
/// <param name="ApplyCount">Which accepted order of this contract it will be, from 1.</param>
/// <param name="At">When the merchant applied.</param>
public sealed record ChargeDraw(string OrderNumber, string ContractCode, string Member, Money Amount, int ApplyCount, Instant At);

/// <summary>What becomes of a charge.</summary>
/// <remarks>The default succeeds after two seconds, is answered and called back once.</remarks>
public sealed record ChargeDecision
{
    /// <summary>The rail's code of a failure, such as <c>NOTENOUGH</c>; null (the default) succeeds if the balance suffices.</summary>
    public string? FailWith { get; init; }

    /// <summary>The shape of the failure's callback, also when the balance did not suffice.</summary>
    public FailureShape Shape { get; init; }

    /// <summary>From execution to the result. Default: 2 s. In 24-hour mode execution starts a day after the apply.</summary>
    public Duration SettleDelay { get; init; } = Duration.FromSeconds(2);

    /// <summary>What the first call of this order is answered. Repeats are answered normally.</summary>
    public ApplyAnswer FirstAnswer { get; init; }

    /// <summary>What becomes of the callback.</summary>
    public CallbackFate Callback { get; init; } = new() { Delay = Duration.Zero };

    /// <summary>A charge that fails with a code of the rail.</summary>
    public static ChargeDecision Fail(string code, FailureShape shape = FailureShape.A) => new() { FailWith = code, Shape = shape };
}

/// <summary>How the rail tells of a failed charge; all three are seen in the field (WeChat Pay papay, deduction result).</summary>
public enum FailureShape
{
    /// <summary><c>result_code</c> FAIL with the real code and <c>trade_state</c> PAY_FAIL.</summary>
    A = 0,

    /// <summary><c>result_code</c> SUCCESS, no code, <c>trade_state</c> PAY_FAIL.</summary>
    B = 1,

    /// <summary><c>result_code</c> FAIL with code <c>0</c> and a text that says success; no <c>trade_state</c>.</summary>
    C = 2,
}

/// <summary>What happens to the answer of an order's first apply.</summary>
public enum ApplyAnswer
{
    /// <summary>It arrives.</summary>
    Given = 0,

    /// <summary>The connection breaks before the order is accepted: the rail has no such order.</summary>
    LostBeforeAcceptance = 1,

    /// <summary>The connection breaks after the order is accepted.</summary>
    LostAfterAcceptance = 2,

    /// <summary><c>SYSTEMERROR</c>, and the order is not accepted.</summary>
    SystemError = 3,
}

/// <summary>What becomes of a callback.</summary>
public sealed record CallbackFate
{
    /// <summary>Never sent: only a query tells. Default false.</summary>
    public bool Lost { get; init; }

    /// <summary>How many copies are sent, each repeated until it is accepted. Default 1.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>From the event to the first try. Default: 1 s.</summary>
    public Duration Delay { get; init; } = Duration.FromSeconds(1);

    /// <summary>What is wrong with the first try of each copy; a strict merchant refuses it. Default: nothing.</summary>
    public CallbackDamage Damage { get; init; }
}

/// <summary>What is wrong with a callback.</summary>
public enum CallbackDamage
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The signature is not over this message. API v2 refund results carry none and come unharmed.</summary>
    WrongSignature = 1,

    /// <summary>API v3: the timestamp is six minutes old. API v2 has no timestamp: as <see cref="WrongSignature"/>.</summary>
    StaleTimestamp = 2,

    /// <summary>API v3: one of the rail's probes, <c>WECHATPAY/SIGNTEST/…</c>. API v2: as <see cref="WrongSignature"/>.</summary>
    SignatureProbe = 3,

    /// <summary>API v3: signed rightly, but the tag of the encrypted resource is wrong. API v2: as <see cref="WrongSignature"/>.</summary>
    WrongTag = 4,
}

/// <summary>A change of a contract that is told to the merchant.</summary>
/// <param name="ContractCode">The merchant's code.</param>
/// <param name="Signed">True for ADD, false for DELETE.</param>
public sealed record ContractNews(string ContractCode, bool Signed);

/// <summary>What becomes of a refund.</summary>
public sealed record RefundDecision
{
    /// <summary>From accepting it to the money being back. Default: 5 s.</summary>
    public Duration SettleDelay { get; init; } = Duration.FromSeconds(5);

    /// <summary>The first call is to be repeated (<c>BIZERR_NEED_RETRY</c>; API v3: <c>SYSTEM_ERROR</c>). Default false.</summary>
    public bool RefuseFirst { get; init; }

    /// <summary>The money cannot reach the member (<c>CHANGE</c>; API v3: <c>ABNORMAL</c>). Default false.</summary>
    public bool Unreachable { get; init; }

    /// <summary>What becomes of the callback.</summary>
    public CallbackFate Callback { get; init; } = new();
}
