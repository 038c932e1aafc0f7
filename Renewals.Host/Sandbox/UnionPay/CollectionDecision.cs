using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>What is known of a collection when its fate is drawn.</summary>
/// <param name="OrderNumber">The merchant's order number (<c>orderId</c>).</param>
/// <param name="EntrustOrder">The order number the entrust was established under.</param>
/// <param name="Member">Who pays.</param>
/// <param name="Amount">What is asked for.</param>
/// <param name="Count">Which collection of this entrust it is, from 1.</param>
/// <param name="At">When it arrived.</param>
public sealed record CollectionDraw(string OrderNumber, string EntrustOrder, string Member, Money Amount, int Count, Instant At);

/// <summary>What becomes of a collection. The default succeeds after two seconds, is answered 00 and notified once.</summary>
public sealed record CollectionDecision
{
    /// <summary>The issuer's response code, such as <c>64</c>; null (the default) succeeds if the balance suffices.</summary>
    public string? FailWith { get; init; }

    /// <summary>A failure, also for want of money, is the synchronous answer. Default false: it is accepted first, and fails later.</summary>
    public bool RefusedAtOnce { get; init; }

    /// <summary>From the acceptance to the result. Default: 2 s.</summary>
    public Duration SettleDelay { get; init; } = Duration.FromSeconds(2);

    /// <summary>What the merchant gets for an answer.</summary>
    public AnswerFate Answer { get; init; }

    /// <summary>The code of the synchronous answer of an accepted collection: 00 (the default), 03, 04 or 05.</summary>
    public string AnswerCode { get; init; } = "00";

    /// <summary>A success with a defect (<c>A6</c>). Default false.</summary>
    public bool Defective { get; init; }

    /// <summary>For so long a status query says 34, no such transaction. Default: not at all.</summary>
    public Duration HiddenFor { get; init; }

    /// <summary>It settles at once, and the notification arrives before the answer. Default false.</summary>
    public bool NotifiedBeforeAnswer { get; init; }

    /// <summary>Its row stands in the file of the next clearing day. Default false.</summary>
    public bool SettledNextDay { get; init; }

    /// <summary>What becomes of the notification.</summary>
    public NotificationFate Notification { get; init; } = new();

    /// <summary>A collection that is accepted and fails later with a code of the rail.</summary>
    public static CollectionDecision Fail(string code) => new() { FailWith = code };
}

/// <summary>What becomes of a void or a refund.</summary>
public sealed record ReversalDecision
{
    /// <summary>The rail's code of a failure; null (the default) succeeds.</summary>
    public string? FailWith { get; init; }

    /// <summary>From the acceptance to the money being back. Default: 5 s.</summary>
    public Duration SettleDelay { get; init; } = Duration.FromSeconds(5);

    /// <summary>What the merchant gets for an answer.</summary>
    public AnswerFate Answer { get; init; }

    /// <summary>What becomes of the notification.</summary>
    public NotificationFate Notification { get; init; } = new();
}

/// <summary>What happens to an order's first request or its answer.</summary>
public enum AnswerFate
{
    /// <summary>It arrives.</summary>
    Given = 0,

    /// <summary>The connection breaks before the request was processed: the rail has no such order.</summary>
    LostRequest = 1,

    /// <summary>The connection breaks after it was processed.</summary>
    LostAnswer = 2,
}

/// <summary>What becomes of a background notification (后台通知).</summary>
public sealed record NotificationFate
{
    /// <summary>Never sent: only a query or the file tells. Default false.</summary>
    public bool Lost { get; init; }

    /// <summary>How many copies are sent, each repeated until it is accepted. Default 1.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>From the result to the first try. Default: none.</summary>
    public Duration Delay { get; init; }

    /// <summary>What is wrong with the first try of each copy. Default: nothing.</summary>
    public NotificationDamage Damage { get; init; }
}

/// <summary>What is wrong with a notification.</summary>
public enum NotificationDamage
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The signature is not over this message.</summary>
    ForgedSignature = 1,

    /// <summary>
    /// Signed rightly, with a certificate of the same authority whose common name is not UnionPay's: another merchant's. With a secure key
    /// there is no certificate: as <see cref="ForgedSignature"/>.
    /// </summary>
    WrongCommonName = 2,
}
