using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <remarks>Money that goes back, and money that is disputed.</remarks>
public sealed partial class Memberships
{
    /// <summary>Stops renewal, at once or with the paid time, and gives back what the request says.</summary>
    /// <remarks>
    /// Renewal stops whatever becomes of the money: where nothing can be given back, <see cref="Subscription.NothingBack"/> says why, and the membership ends
    /// as without the wish.
    /// </remarks>
    /// <returns>The membership afterwards; null: there is none.</returns>
    /// <exception cref="CannotDoException">It is not granted; the message says why and what can be done.</exception>
    /// <exception cref="Ledger.CommitUnknownException">It was not confirmed; asking again is no error.</exception>
    public async Task<Subscription?> CancelAsync(SubscriptionId id, CancelRequest request, CancellationToken cancellation = default)
    {
        if (await FindAsync(id, cancellation) is not { } s)
            return null;
        var (gives, nothing) = request.GivesBack == GiveBack.Nothing ? default : await RefundOfAsync(s, request, cancellation);
        return await wishes.AskAsync(
            id,
            _ => new SubscriptionCommand.Cancel(request.By, request.Why, request.AtOnce) { KeepsAgreement = request.KeepsAgreement, GivesBack = gives, NothingBack = nothing, AskedBy = request.AskedBy },
            cancellation);
    }

    /// <summary>Undoes a cancel that kept its agreement.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, CancelRequest, CancellationToken)"/>
    public Task<Subscription?> UndoCancelAsync(SubscriptionId id, string by, string why, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.UndoCancel(by, why), cancellation);

    /// <summary>Gives back what was paid, in whole or in part.</summary>
    /// <param name="id">Which membership.</param>
    /// <param name="key">The caller's name of the wish: asking twice gives back once.</param>
    /// <param name="order">The payment's order number; null: the last payment.</param>
    /// <param name="amount">How much; null: all that is left of it.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="why">In words.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, CancelRequest, CancellationToken)"/>
    public async Task<Subscription?> RefundAsync(
        SubscriptionId id, string key, string? order, Money? amount, string by, string why, CancellationToken cancellation = default)
    {
        if (await FindAsync(id, cancellation) is null)
            return null;
        var payment = await wishes.PaymentAsync(id, order, cancellation);
        return await wishes.AskAsync(
            id, s => new SubscriptionCommand.GrantRefund(key, payment, amount ?? AllOf(s, key, payment), by, why), cancellation);
    }

    /// <summary>A refund the rail could not make was paid by other means.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, CancelRequest, CancellationToken)"/>
    public Task<Subscription?> PaidOutsideAsync(SubscriptionId id, string refund, string reference, string by, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.RecordPaidOutside(refund, reference, by), cancellation);

    /// <summary>A payment is disputed: a chargeback or a complaint was opened.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, CancelRequest, CancellationToken)"/>
    public async Task<Subscription?> OpenDisputeAsync(SubscriptionId id, string dispute, OrderNumber order, Money amount, string why, string? by = null, CancellationToken cancellation = default)
    {
        if (await FindAsync(id, cancellation) is null)
            return null;
        var payment = await wishes.FindPaymentAsync(id, order.ToString(), cancellation);
        return await wishes.AskAsync(id, _ => new SubscriptionCommand.OpenDispute(dispute, order, amount, why) { Paid = payment?.Amount, By = by }, cancellation);
    }

    /// <summary>A dispute is won or lost.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, CancelRequest, CancellationToken)"/>
    public Task<Subscription?> SettleDisputeAsync(SubscriptionId id, string dispute, bool won, string? by = null, CancellationToken cancellation = default) =>
        wishes.AskAsync(id, _ => new SubscriptionCommand.SettleDispute(dispute, won) { By = by }, cancellation);

    /// <summary>Whether the member has the membership, until when, and why; null: there is no such membership.</summary>
    public async Task<Entitlement?> EntitlementAsync(SubscriptionId id, CancellationToken cancellation = default) =>
        await FindAsync(id, cancellation) is { } s ? Entitlement.Of(s, wishes.Now) : null;

    /// <summary>All money of a membership as its events say; null: there is no such membership.</summary>
    public async Task<MemberAccount?> AccountAsync(SubscriptionId id, CancellationToken cancellation = default) =>
        await HistoryAsync(id, cancellation) is { Count: > 0 } events ? MemberAccount.Of(events) : null;

    private async Task<(SubscriptionCommand.GrantRefund? Gives, string? Nothing)> RefundOfAsync(Subscription s, CancelRequest request, CancellationToken cancellation)
    {
        if (await wishes.FindPaymentAsync(s.Id, null, cancellation) is not { } payment)
            return (null, "Nothing was paid here.");
        if (request.GivesBack == GiveBack.Withdrawal && !WithinWithdrawal(s, payment, wishes.Now.InZone(s.Zone).Date))
            return (null, $"The right to withdraw is {s.Terms.WithdrawalDays} days from the first payment, which was on {payment.PaidAt.InZone(s.Zone).Date:uuuu-MM-dd}.");
        var key = $"cancel of period {payment.Order.Charge.Ordinal}";
        var left = AllOf(s, key, payment);
        var days = Period.DaysBetween(payment.FirstDay, payment.PaidUntil.InZone(s.Zone).Date);
        var amount = request.GivesBack == GiveBack.UnusedDays ? Smaller(left, Proration.Share(payment.Amount, Math.Min(Decide.UnusedDays(s, wishes.Now), days), days)) : left;
        return amount.MinorUnits < 1
            ? (null, "Nothing is left of the last payment that could go back.")
            : (new(key, payment, amount, request.AskedBy ?? request.By.ToString(), request.Why), null);
    }

    // What is left of a payment, or what was granted of it under this name.
    private static Money AllOf(Subscription s, string key, Charged payment) =>
        s.Refunds.FirstOrDefault(refund => refund.Key == key)?.Amount ?? payment.Amount - Decide.GivenBack(s, payment.Order, payment.Amount.Currency);

    private static Money Smaller(Money one, Money other) => one < other ? one : other;

    // The day of the payment does not count (民法典, article 201).
    private static bool WithinWithdrawal(Subscription s, Charged payment, LocalDate today) =>
        s.Terms.WithdrawalDays > 0 && payment.Order.Charge.Ordinal == 1 && today <= payment.PaidAt.InZone(s.Zone).Date.PlusDays(s.Terms.WithdrawalDays);
}

/// <summary>A wish to stop renewal.</summary>
/// <param name="By">Who asks.</param>
/// <param name="Why">In words.</param>
public sealed record CancelRequest(CancelledBy By, string Why)
{
    /// <summary>True: the membership ends now, as always when something is given back. False, the default: with the time that is paid.</summary>
    public bool AtOnce { get; init; }

    /// <summary>True: the agreement is ended with the membership, so that the cancel can be undone until then. Default false: it is ended now.</summary>
    public bool KeepsAgreement { get; init; }

    /// <summary>What goes back of the last payment. Default nothing.</summary>
    public GiveBack GivesBack { get; init; }

    /// <summary>Who asks, by name, in whosever place; null: it is not known.</summary>
    public string? AskedBy { get; init; }
}

/// <summary>What goes back with a cancel.</summary>
public enum GiveBack
{
    /// <summary>Nothing: what is paid runs on, or is forfeit.</summary>
    Nothing = 0,

    /// <summary>The days after today of the last payment.</summary>
    UnusedDays = 1,

    /// <summary>All that is left of the last payment.</summary>
    All = 2,

    /// <summary>All of the first payment, within the days of the right to withdraw; later it is refused.</summary>
    Withdrawal = 3,
}
