using NodaTime;

namespace Renewals.Core.Subscriptions;

/// <remarks>What a membership's terms, days and money become through what somebody asked for.</remarks>
public static partial class Evolve
{
    private static Subscription OnChange(Subscription s, SubscriptionEvent e) => e switch
    {
        ChangePlanned x => GiveUp(s, x.Change.FromOrdinal, x.At) with { Change = x.Change },
        ChangeWithdrawn x => s.Change?.Name == x.Change ? s with { Change = null } : s,
        TermsChanged x => OnTermsChanged(s, x),
        AmountAdded x => s with { Additions = [.. s.Additions, new(x.Name, x.Amount, x.Why, false)] },
        Paused x => GiveUpCycle(s) with { Pause = new(x.From, x.Until, x.MovesDays, x.DaysLeft), NextPlanAt = x.NextPlanAt },
        Resumed x => GiveUpCycle(s) with { Pause = s.Pause is { } pause && x.From > pause.From ? pause with { Until = x.From, IsResumed = true } : null, NextPlanAt = x.NextPlanAt },
        PriceOffered x => s with { Offer = x.Offer, LastOffer = x.Offer.Name, LastAnswer = null },
        PriceOfferTold x => s.Offer is { } offer
            ? HandedOver(s, s.OfferNoticeId!, x.Delivered) with { Offer = offer with { ToldAt = x.HandedOverAt, Retry = null } }
            : s,
        PriceAnswered x => s with { Offer = null, LastAnswer = x.Answer },
        RefundGranted x => s with { Refunds = [.. s.Refunds, RefundOf(x)] },
        PaidOutside x => s with { Refunds = Replace(s.Refunds, r => r.Number == x.Refund, r => r with { Status = RefundStatus.Done, NextAt = null, IsPaidOutside = true }) },
        Disputed x => s with { Disputes = [.. s.Disputes, new(x.Dispute, x.Order, x.Amount, true)] },
        DisputeSettled x => OnDisputeSettled(s, x),
        CancelUndone x => s with
        {
            Status = SubscriptionStatus.Active, CancelledAt = null, CancelledBy = null, EndsAt = null, TerminateAt = null, NextPlanAt = x.NextPlanAt,
        },
        BackupAdded x => OnBackupAdded(s, x),
        BackupRetired x => s with { Backups = Replace(s.Backups, backup => backup.Agreement.Id == x.Agreement, backup => backup with { RetiredAt = x.At }) },
        AgreementSwitched x => OnSwitched(s, x),
        _ => throw new InvalidOperationException($"No fold for {e.GetType().Name}."),
    };

    private static Subscription OnTermsChanged(Subscription s, TermsChanged x) => GiveUp(s, x.Ordinal, x.At) with
    {
        Terms = x.Terms,
        Change = s.Change?.Name == x.Change ? null : s.Change,
        PaidPlan = x.Paid is not null ? null : x.OnNextCharge ? s.PaidPlan ?? s.Terms.PlanId : s.PaidPlan,
        Before = x.EnjoyedFrom > x.At ? new(s.Terms.PlanId, s.Terms.Subject, x.EnjoyedFrom) : null,
        Anchor = x.Anchor ?? s.Anchor,
        PeriodsBeforeAnchor = x.Anchor is null ? s.PeriodsBeforeAnchor : x.Ordinal - 1,
    };

    private static Subscription OnAnchorMoved(Subscription s, AnchorMoved x) => (x.NextPlanAt is { } planAt ? GiveUpCycle(s) with { NextPlanAt = planAt } : s) with
    {
        Anchor = x.Anchor, PeriodsBeforeAnchor = x.Ordinal - 1, PaidUntil = x.PaidUntil ?? s.PaidUntil, GivenUntil = x.GivenUntil ?? s.GivenUntil,
        UnpaidDays = s.UnpaidDays + x.UnpaidDays,
    };

    private static Refund RefundOf(RefundGranted x) => new(x.Refund.ToString(), x.Refund.OfAttempt, x.Amount, RefundStatus.Owed, 0, x.At, 0)
    {
        RailTransaction = x.RailTransaction, Paid = x.Paid, Key = x.Key,
    };

    // What the bank took from the merchant is as gone as what was given back: no refund can give it a second time.
    private static Subscription OnDisputeSettled(Subscription s, DisputeSettled x) => s with
    {
        Disputes = Replace(s.Disputes, dispute => dispute.Id == x.Dispute, dispute => dispute with { IsOpen = false, Won = x.Won }),
        Refunds = x.TakenBack.MinorUnits == 0
            ? s.Refunds
            : [.. s.Refunds, new($"dispute {x.Dispute}", x.Order, x.TakenBack, RefundStatus.Done, 0, null, 0) { RailTransaction = "" }],
    };

    // A calendar that nobody was told of is solved again, for what holds then; one that was announced stands.
    private static Subscription GiveUp(Subscription s, int fromOrdinal, Instant at) =>
        s is { Cycle: { } cycle, Notice: null, LastAttempt: null } && cycle.Ordinal >= fromOrdinal ? GiveUpCycle(s) with { NextPlanAt = at } : s;

    private static Subscription GiveUpCycle(Subscription s) => s with
    {
        Cycle = null,
        GivenUp = s.Cycle is { } cycle ? new(cycle.Ordinal, cycle.Revision) : s.GivenUp,
        Notice = null,
        NoticeRetry = null,
        RailNotices = [.. s.RailNotices.Where(n => n.Result != RailNoticeResult.Refused).Select(n => n with { RepeatAt = null })],
        RetryAt = null,
        NotBefore = null,
        Additions = InCycle(s.Additions, false),
    };

    // What did not fit into the charge goes on to the next.
    private static IReadOnlyList<Addition> AfterCharge(Subscription s, Charged x)
    {
        var charged = s.Additions.Where(addition => addition.IsInCycle).ToList();
        if (charged.Count == 0)
            return s.Additions;
        var left = s.DueOf(x.Order.Charge.Ordinal, charged) - x.Amount;
        IEnumerable<Addition> carried = left.MinorUnits == 0 ? [] : [new("carried", left, "carried over", false)];
        return [.. s.Additions.Where(addition => !addition.IsInCycle), .. carried];
    }

    private static IReadOnlyList<Addition> InCycle(IReadOnlyList<Addition> additions, bool isInCycle) =>
        additions.Count == 0 ? additions : [.. additions.Select(addition => addition with { IsInCycle = isInCycle })];
}
