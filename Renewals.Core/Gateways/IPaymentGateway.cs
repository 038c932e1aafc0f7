using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;

namespace Renewals.Core.Gateways;

/// <summary>Our adapter for a rail: it translates and judges, it never decides.</summary>
/// <remarks>
/// No method throws for anything a rail or a network does: a time-out, a broken answer or a bad signature of an answer is an outcome
/// (<see cref="ChargeOutcome.Unknown"/> for money). Cancelling the token is the one exception that may leave.
/// A repeat of a money call is byte-identical where <see cref="RailTraits.Resend"/> allows one, and never happens where it does not.
/// Methods are called from many threads; an adapter keeps nothing of an order between calls, so that a restart changes nothing.
/// How to write one is told in <c>docs/writing-a-gateway.md</c>; the suite in <c>Renewals.Gateways.Conformance</c> tries every promise.
/// </remarks>
public interface IPaymentGateway
{
    /// <summary>The merchant account this adapter serves.</summary>
    MerchantAccount Account { get; }

    /// <summary>What the rail allows, remembers and requires.</summary>
    RailTraits Traits { get; }

    /// <summary>How many calls may start now: 0 while the breaker is open or the rate is used up, so nothing is claimed.</summary>
    /// <remarks>No call and no wait. It takes no permit: the call itself does.</remarks>
    /// <param name="wanted">The most the caller could use; 0 or more.</param>
    /// <returns>0 to <paramref name="wanted"/>.</returns>
    int FreePermits(int wanted);

    /// <summary>Prepares what the member sees to sign, with or without the first payment.</summary>
    /// <remarks>The same request may come again; that is one signing to the rail, never two.</remarks>
    Task<SigningAnswer> StartSigningAsync(SigningRequest request, CancellationToken cancellation);

    /// <summary>Asks the rail for an agreement: by its own id where that is known, else by our signing code.</summary>
    /// <returns><see cref="AgreementAnswer.Unknown"/> where <see cref="RailTraits.CanAskForAgreements"/> is false.</returns>
    Task<AgreementAnswer> QueryAgreementAsync(AgreementOrder agreement, CancellationToken cancellation);

    /// <summary>Ends an agreement at the rail. Ending an ended one answers <see cref="AgreementAnswer.Terminated"/>.</summary>
    Task<AgreementAnswer> TerminateAgreementAsync(AgreementOrder agreement, string remark, CancellationToken cancellation);

    /// <summary>Moves the rail's own next charge date, where it keeps one.</summary>
    /// <returns><see cref="RailNoticeAnswer.Refused"/> where the rail keeps none.</returns>
    Task<RailNoticeAnswer> MovePlanAsync(AgreementOrder agreement, LocalDate next, CancellationToken cancellation);

    /// <summary>Sends the rail's own notice before a charge (预扣费通知), where it requires one.</summary>
    Task<RailNoticeAnswer> AnnounceAtRailAsync(RailNoticeOrder notice, CancellationToken cancellation);

    /// <summary>Takes the money of one order. Everything the rail compares comes from the record, so that a repeat is the same order.</summary>
    /// <returns>
    /// <see cref="ChargeOutcome.Unknown"/> when the call left and no answer could be verified; <see cref="ChargeOutcome.NotSent"/> only when
    /// nothing left.
    /// </returns>
    Task<ChargeAnswer> ChargeAsync(ChargeOrder order, CancellationToken cancellation);

    /// <summary>Asks what became of an order. A question that was refused, lost or not sent says nothing of the order.</summary>
    /// <returns>
    /// What the rail says, in the rail's amount: comparing it with the order is the engine's business. <see cref="ChargeOutcome.Missing"/> for
    /// "no such order", at once: waiting out the settle delay is the engine's business too.
    /// </returns>
    Task<ChargeAnswer> QueryChargeAsync(ChargeOrder order, CancellationToken cancellation);

    /// <summary>Stops an order that is not paid yet (close, cancel or void), where the rail can.</summary>
    /// <returns><see cref="ChargeOutcome.Declined"/> once the order can never be paid; otherwise what <see cref="QueryChargeAsync"/> says.</returns>
    Task<ChargeAnswer> StopChargeAsync(ChargeOrder order, CancellationToken cancellation);

    /// <summary>Gives money back, under the refund's own number. The same refund may come again; it is done once.</summary>
    Task<RefundAnswer> RefundAsync(RefundOrder refund, CancellationToken cancellation);

    /// <summary>Asks what became of a refund.</summary>
    Task<RefundAnswer> QueryRefundAsync(RefundOrder refund, CancellationToken cancellation);

    /// <summary>The rail's own list of a day's money (对账单): payments and refunds, nothing that moved none.</summary>
    /// <param name="day">The rail's statement day; when it ends is <see cref="RailTraits.StatementDayEnds"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<StatementAnswer> ReadStatementAsync(LocalDate day, CancellationToken cancellation);

    /// <summary>Verifies and reads a callback. Pure: no call, no clock of its own; the same bytes always say the same.</summary>
    /// <remarks>Nothing is thrown, whatever a stranger sends: what is not the rail's word is <see cref="CallbackReading.Rejected"/>.</remarks>
    /// <param name="callback">The raw request.</param>
    /// <param name="now">The instant freshness is judged at.</param>
    CallbackReading ReadCallback(Callback callback, Instant now);

    /// <summary>The answer in the rail's own form.</summary>
    /// <param name="callback">The request answered.</param>
    /// <param name="received">True: stored, do not repeat. False: deliver again.</param>
    /// <param name="reason">For a refusal, a short reason that tells nothing about internals.</param>
    CallbackReply ReplyTo(Callback callback, bool received, string reason);
}
