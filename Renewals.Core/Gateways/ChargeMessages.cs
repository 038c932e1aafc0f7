using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;

namespace Renewals.Core.Gateways;

/// <summary>Everything the rail compares of one order, as it stands in the <c>requested</c> event; a resend is built from it alone.</summary>
/// <param name="Number">The order number.</param>
/// <param name="Agreement">The agreement charged.</param>
/// <param name="Amount">What is taken.</param>
/// <param name="Subject">What is sold, as the member reads it.</param>
/// <param name="RequestedAt">The rail's timestamp; the same in every repeat.</param>
/// <param name="PaidWhileSigning">True for an order the member paid at the cashier while signing: rails keep those apart.</param>
/// <param name="ExpiresAt">
/// After this the rail can no longer take it, where <see cref="Calendar.RailTraits.OrderLifetime"/> says that orders end; null elsewhere.
/// </param>
public sealed record ChargeOrder(
    OrderNumber Number, AgreementOrder Agreement, Money Amount, string Subject, Instant RequestedAt, bool PaidWhileSigning = false,
    Instant? ExpiresAt = null);

/// <summary>One refund of one paid order.</summary>
/// <param name="Number">The refund's number; a repeat carries the same.</param>
/// <param name="Paid">What the order took.</param>
/// <param name="Amount">What goes back, at most <paramref name="Paid"/>.</param>
/// <param name="Reason">Shown to the member.</param>
/// <param name="RailTransaction">The rail's number of the payment (UnionPay: <c>queryId</c>).</param>
/// <param name="RequestedAt">The rail's timestamp of the refund; the same in every repeat, until the rail says that it did nothing.</param>
public sealed record RefundOrder(OrderNumber Number, Money Paid, Money Amount, string Reason, string RailTransaction, Instant RequestedAt);

/// <summary>What is known of a refund.</summary>
public abstract record RefundAnswer
{
    private RefundAnswer()
    {
    }

    /// <summary>The money is back with the member.</summary>
    /// <param name="Amount">What went back, as the rail says.</param>
    /// <param name="RailRefund">The rail's own number of the refund.</param>
    /// <param name="At">The rail's time of it.</param>
    public sealed record Refunded(Money Amount, string RailRefund, Instant At) : RefundAnswer;

    /// <summary>Accepted, on its way.</summary>
    /// <param name="RailState">The rail's word for it.</param>
    public sealed record Pending(string RailState) : RefundAnswer
    {
        /// <inheritdoc cref="Pending"/>
        public string RailState { get; init; } = RailWords.Sentence(RailState);
    }

    /// <summary>The rail has no such refund; it is sent again under the same number.</summary>
    public sealed record Missing : RefundAnswer;

    /// <summary>
    /// The rail surely never got the refund: the statements of every day that could hold it do not. Made from statements, never by an adapter; it is sent
    /// again under the same number.
    /// </summary>
    /// <param name="Proof">Which statements, for people.</param>
    public sealed record Absent(string Proof) : RefundAnswer;

    /// <summary>The call may or may not have arrived: the engine asks, and sends the same number again if need be. Also when nothing was sent.</summary>
    /// <param name="Why">What happened, for people.</param>
    public sealed record Unknown(string Why) : RefundAnswer
    {
        /// <inheritdoc cref="Unknown"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>The rail will not do it as things stand (funds, set-up): same number later, an alarm.</summary>
    /// <param name="RailCode">The rail's code.</param>
    /// <param name="Why">What to look at, for people.</param>
    public sealed record Refused(string RailCode, string Why) : RefundAnswer
    {
        /// <inheritdoc cref="Refused"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);

        /// <inheritdoc cref="Refused"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }

    /// <summary>The rail can never do it (too old, payee gone): a person pays outside. Never for a doubt.</summary>
    /// <param name="RailCode">The rail's code.</param>
    /// <param name="Why">What to look at, for people.</param>
    public sealed record Impossible(string RailCode, string Why) : RefundAnswer
    {
        /// <inheritdoc cref="Impossible"/>
        public string RailCode { get; init; } = RailWords.Code(RailCode);

        /// <inheritdoc cref="Impossible"/>
        public string Why { get; init; } = RailWords.Sentence(Why);
    }
}

/// <summary>One line of a statement: a payment, or a refund of one.</summary>
/// <param name="OrderNumber">The merchant's order number as written.</param>
/// <param name="RefundNumber">The merchant's refund number; null for a payment.</param>
/// <param name="Amount">What was paid or given back.</param>
/// <param name="RailTransaction">The rail's number of the payment, also on the lines of its refunds.</param>
/// <param name="At">When the money moved, by the rail; it lies in the statement's day.</param>
public sealed record StatementLine(string OrderNumber, string? RefundNumber, Money Amount, string RailTransaction, Instant At)
{
    /// <summary>
    /// What the rail calls the member (<see cref="AgreementAnswer.Active.PayerId"/>), on a payment under an agreement, where the statement says it; null
    /// elsewhere. Never stored or logged as it is.
    /// </summary>
    public string? Payer { get; init; }

    /// <summary>Without the order's number, which may hold anything, and the payer.</summary>
    public override string ToString() => $"{RailTransaction}: {Amount} at {At}";
}

/// <summary>What came of asking for a statement.</summary>
public abstract record StatementAnswer
{
    private StatementAnswer()
    {
    }

    /// <summary>The day's list, checked against its own totals; empty when nothing happened.</summary>
    /// <param name="Raw">The file as the rail sent it, to be kept (encrypted); empty when the rail says that there is none.</param>
    /// <param name="Lines">Read from the file as they are asked for, so that a long one never stands in memory whole.</param>
    public sealed record Ready(ReadOnlyMemory<byte> Raw, IEnumerable<StatementLine> Lines) : StatementAnswer;

    /// <summary>The rail is still making it, or the day is not over. Never an empty <see cref="Ready"/> for that: absence is proved by statements.</summary>
    public sealed record NotReady : StatementAnswer;

    /// <summary>It could not be had or not be read; nothing of it is used.</summary>
    public sealed record Failed(string Why) : StatementAnswer
    {
        /// <inheritdoc cref="Failed"/>
        public string Why { get; init; } = RailWords.OfStatement(Why);
    }
}
