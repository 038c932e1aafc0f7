using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;

namespace Renewals.Core.Subscriptions;

/// <summary>The fold of a membership. Reads events only: no configuration, no clock, no time zone.</summary>
public static partial class Evolve
{
    /// <summary>The state after a list of events.</summary>
    public static Subscription? All(Subscription? state, IEnumerable<SubscriptionEvent> events) =>
        events.Aggregate(state, (current, e) => Next(current, e));

    /// <summary>The state after one more event.</summary>
    /// <param name="state">The state before; null before the first event.</param>
    /// <param name="e">What happened.</param>
    /// <exception cref="InvalidOperationException">The stream does not begin with its first event, or begins twice.</exception>
    public static Subscription Next(Subscription? state, SubscriptionEvent e)
    {
        if (e is Enrolled enrolled)
            return state is null ? Begin(enrolled) : throw new InvalidOperationException($"Subscription {state.Id} was enrolled twice.");
        if (e is Imported imported)
            return state is null ? Begin(imported) : throw new InvalidOperationException($"Subscription {state.Id} was enrolled twice.");
        var s = state ?? throw new InvalidOperationException($"A subscription's stream begins with {nameof(Enrolled)} or {nameof(Imported)}, not {e.GetType().Name}.");
        s = s with { Version = s.Version + 1 };
        return e switch
        {
            AgreementChanged x => OnAgreement(s, x.Agreement, agreement => OnAgreementChanged(agreement, x)),
            RailDateKnown x => s with { Agreement = OnRailDate(s.Agreement, x) },
            AnchorMoved x => OnAnchorMoved(s, x),
            AgreementAsked { GoesOnUntil: { } until } x => s with { Agreement = s.Agreement with { AskAt = null, Asks = 0, CheckedAt = x.At, VerifyAt = until } },
            AgreementAsked x => OnAgreement(s, x.Agreement ?? s.Agreement.Id, agreement => agreement with { AskAt = x.NextAskAt, Asks = x.Asks }),
            AgreementVerified x => s with { Agreement = s.Agreement with { AskAt = null, Asks = 0, VerifiedAt = x.At, CheckedAt = x.At, VerifyAt = x.NextVerifyAt } },
            Signed x => s with
            {
                Status = SubscriptionStatus.Active, Anchor = x.Anchor, SignedAt = x.SignedAt, ConsentUntil = x.ConsentUntil, NextPlanAt = x.NextPlanAt ?? s.NextPlanAt,
                GivenUntil = x.FreeUntil ?? s.GivenUntil,
            },
            CyclePlanned x => OnCyclePlanned(s, x),
            Announced x => HandedOver(s, x.Notice.NoticeId, x.Delivered) with { Notice = x.Notice, NoticeRetry = null },
            Reminded x => HandedOver(s, x.NoticeId, x.Delivered) with { LastReminder = new(x.NoticeId, s.RemindedAt), RemindedAt = x.HandedOverAt, ReminderRetry = null },
            NoticeDelivered x => Heard(s, x.NoticeId),
            NoticeBounced x => OnBounced(Heard(s, x.NoticeId), x),
            NoticePostponed x when x.NoticeId == s.ReminderId => s with { ReminderRetry = Postpone(s.ReminderRetry, x.Until) },
            NoticePostponed x when x.NoticeId == s.OfferNoticeId => s with { Offer = s.Offer! with { Retry = Postpone(s.Offer.Retry, x.Until) } },
            NoticePostponed x => s with { NoticeRetry = Postpone(s.NoticeRetry, x.Until) },
            NoticeFailed x when x.NoticeId == s.ReminderId => s with { ReminderRetry = Retry(x) },
            NoticeFailed x when x.NoticeId == s.OfferNoticeId => s with { Offer = s.Offer! with { Retry = Retry(x) } },
            NoticeFailed x => s with { NoticeRetry = Retry(x) },
            RailNoticeRequested x => s with
            {
                RailNotices = [.. s.RailNotices, new(x.Number, RailNoticeResult.Sent, x.ChargeableFrom, x.ChargeableUntil, x.RepeatAt)],
                NotBefore = null,
            },
            RailNoticeAnswered x => s with { RailNotices = Replace(s.RailNotices, n => n.Number == x.Number, n => n with { Result = x.Result, RepeatAt = x.RepeatAt }) },
            Requested x => OnRequested(s, x),
            OrderFound x => OnFound(s, x),
            Hinted x => OnAttempt(s, x.Order, a => a with { Status = Reopened(a.Status), AskAt = x.At, Hint = x.Reason ?? a.Hint }),
            Asked x when x.Order.IsRefund => OnRefund(s, x.Order, r => r with { NextAt = x.NextAskAt, Asks = x.Asks, IsAtRail = x.AtRail ?? r.IsAtRail }),
            Asked x => OnAttempt(s, x.Order, a => a with { AskAt = x.NextAskAt, Asks = x.Asks, IsAtRail = x.AtRail ?? a.IsAtRail }),
            NotTaken x when x.Order.IsRefund => OnRefund(
                s, x.Order, r => r with { Status = x.ResendAt is null ? RefundStatus.Outside : RefundStatus.Owed, NextAt = x.ResendAt, RequestedAt = null, IsAtRail = false }),
            NotTaken x => OnAttempt(s, x.Order, a => OnNotTaken(a, x)) with
            {
                RecentOrders = [.. s.RecentOrders.Where(o => o.Order != x.Order)], RecentDeclines = Declines(s, x.CountsAsTry, x.At),
            },
            Charged x => OnCharged(s, x),
            Failed x => OnAttempt(s, x.Order, a => a with { Status = AttemptStatus.Declined, AskAt = null, ResendAt = null }) with
            {
                RetryAt = x.RetryAt, RecentDeclines = Declines(s, x.Budget is not null, x.At),
            },
            Overpaid x => OnOverpaid(s, x),
            RefundRequested x => OnRefund(s, x.Refund, r => r with { Status = RefundStatus.Requested, Send = x.Send, NextAt = x.AskAt, Asks = 0, RequestedAt = r.RequestedAt ?? x.At }),
            Refunded x => OnRefunded(s, x),
            Cancelled x => OnCancelled(s, x),
            Postponed x => s with { NotBefore = x.Until },
            Parked x => s with { Parked = x.Reason },
            Unparked x => OnUnparked(s, x.At),
            PeriodsSkipped x => OnSkipped(s, x),
            CatchUpDecided x => OnUnparked(s, x.At) with { CatchUp = new(x.As, x.Through) },
            PaidElsewhere x => OnPaidElsewhere(s, x),
            StatementsAsked x => OnStatements(s, x),
            Ended => s with { Status = SubscriptionStatus.Ended, EndsAt = null },
            _ => OnChange(s, e),
        };
    }

    private static Subscription Begin(Enrolled e) => new()
    {
        Id = e.Id,
        Version = 1,
        Member = e.Member,
        Account = e.Account,
        Terms = e.Terms,
        Agreement = new(e.Agreement, e.Template, AgreementStatus.Signing, e.AskAt, 0) { StartedAt = e.At, Ceiling = e.Ceiling },
        SignBy = e.SignBy,
        StartsOn = e.StartsOn,
        FreeUntilStart = e.FreeUntilStart,
        Predecessor = e.Predecessor,
    };

    private static Subscription HandedOver(Subscription s, string noticeId, bool delivered) =>
        delivered ? s : s with { AwaitingReceipt = [.. s.AwaitingReceipt.Append(noticeId).TakeLast(Subscription.ReceiptsAwaited)] };

    private static Subscription Heard(Subscription s, string noticeId) => s with { AwaitingReceipt = [.. s.AwaitingReceipt.Where(id => id != noticeId)] };

    // As if the channel had not taken it: the member is told by the next one.
    private static Subscription OnBounced(Subscription s, NoticeBounced x)
    {
        if (x.RetryAt is not { } at)
            return s;
        var retry = new NoticeRetry(0, at) { Channel = x.NextChannel };
        return x.NoticeId == s.Notice?.NoticeId ? s with { Notice = null, NoticeRetry = retry }
            : x.NoticeId == s.OfferNoticeId ? s with { Offer = s.Offer! with { ToldAt = null, Retry = retry } }
            : x.NoticeId == s.LastReminder?.NoticeId ? s with { RemindedAt = s.LastReminder.Before, LastReminder = null, ReminderRetry = retry }
            : s;
    }

    private static AgreementInUse OnAgreementChanged(AgreementInUse agreement, AgreementChanged x) => agreement with
    {
        Status = x.Status,
        AskAt = x.AskAt ?? CallAt(x),
        Asks = 0,
        RailDate = x.RailDate ?? agreement.RailDate,
        RailDateIsStale = agreement.RailDateIsStale && x.RailDate is null,
        VerifyAt = x.VerifyAt,
        VerifiedAt = x.Status == AgreementStatus.Active ? x.At : agreement.VerifiedAt,
        CheckedAt = x.Status == AgreementStatus.Active ? x.At : agreement.CheckedAt,
    };

    // A date that is known ends the asking for it, not the asking whether a suspension was lifted.
    private static AgreementInUse OnRailDate(AgreementInUse agreement, RailDateKnown x)
    {
        var known = agreement with { RailDate = x.Date, RailDateIsStale = false };
        return agreement.Status == AgreementStatus.Active ? known with { AskAt = null, Asks = 0 } : known;
    }

    // Once its end is requested the rail is called at once, and again until it confirms.
    private static Instant? CallAt(AgreementChanged e) => e.Status == AgreementStatus.Terminating ? e.At : null;

    // An order that was thought not taken and is heard of again may take money: it is in flight until the rail says otherwise.
    private static AttemptStatus Reopened(AttemptStatus status) => status == AttemptStatus.NotTaken ? AttemptStatus.InFlight : status;

    // Attempts of a period that was given up stay behind with it: the next period has orders of its own, and what an old one still takes
    // goes back. Tries to tell the member go on being counted while it is the same period.
    // A notice at the rail that may have landed and whose days are not over still binds: the rail takes no second one meanwhile.
    private static Subscription OnCyclePlanned(Subscription s, CyclePlanned x) => s with
    {
        Cycle = x.Plan,
        GivenUp = null,
        Attempts = [.. s.Attempts.Where(a => a.Order.Charge.Ordinal == x.Plan.Ordinal)],
        Notice = null,
        NoticeRetry = s.Cycle?.Ordinal == x.Plan.Ordinal && s.NoticeRetry is { } retry ? retry with { RetryAt = x.Plan.AnnounceAt } : null,
        RailNotices =
        [
            .. s.RailNotices.Where(n => n.Result != RailNoticeResult.Refused && n.ChargeableUntil >= x.Plan.ChargeFrom)
                .Select(n => n with { RepeatAt = null }),
        ],
        RetryAt = null,
        NextPlanAt = null,
        NotBefore = null,
        Additions = InCycle(s.Additions, true),
    };

    // What was under way for a period that is never charged stays behind with it, as with a calendar of another period.
    private static Subscription OnSkipped(Subscription s, PeriodsSkipped x) => s with
    {
        SkippedThrough = x.To,
        GivenUntil = x.Given ? x.Ends : s.GivenUntil,
        Attempts = [.. s.Attempts.Where(a => a.Order.Charge.Ordinal > x.To || (x.KeepsAsking && a.MayStillTake))],
        Cycle = null,
        Notice = null,
        NoticeRetry = null,
        RailNotices = [.. s.RailNotices.Where(n => n.Result != RailNoticeResult.Refused).Select(n => n with { RepeatAt = null })],
        RetryAt = null,
        NextPlanAt = x.NextPlanAt,
        NotBefore = null,

        // Unless they are in an order of a later period, which was found after a restore.
        Additions = InCycle(s.Additions, s.Attempts.Any(a => a.Order.Charge.Ordinal > x.To)),
    };

    private static IReadOnlyList<Instant> Declines(Subscription s, bool counts, Instant at) =>
        counts ? [.. s.RecentDeclines.Where(before => before > at - Duration.FromDays(Calendar.RetryBudget.LongestWindowDays)), at] : s.RecentDeclines;

    private static Attempt OnNotTaken(Attempt a, NotTaken x) => a with
    {
        Status = AttemptStatus.NotTaken,
        AskAt = null,
        Asks = 0,
        ResendAt = x.ResendAt,
        DeclinesHeard = a.DeclinesHeard + (x.Outcome is ChargeOutcome.Missing or ChargeOutcome.Absent && a.Hint is not null ? 1 : 0),
    };

    private static Subscription OnRequested(Subscription s, Requested x)
    {
        var attempt = new Attempt(
            x.Order, AttemptStatus.InFlight, x.Send, x.Amount, x.Authority is ChargeAuthority.MemberPresent, x.OrderedAt, x.SendBefore, x.AskAt, 0, null, null)
        {
            ExpiresAt = x.ExpiresAt,
        };
        var attempts = x.Send == 1 ? [.. s.Attempts, attempt] : Replace(s.Attempts, a => a.Order == x.Order, a => attempt with { DeclinesHeard = a.DeclinesHeard });
        return s with { Attempts = attempts, RecentOrders = Recent(s.RecentOrders, x), RetryAt = null, NotBefore = null };
    }

    // When it was sent is not known. In the order of numbers: the next number is counted from the last. Nothing is sent in a pause without an end: that
    // it was over was said by events that were lost.
    private static Subscription OnFound(Subscription s, OrderFound x)
    {
        var attempt = new Attempt(x.Order, AttemptStatus.InFlight, 1, x.Amount, false, x.At, x.At, x.At, 0, null, null) { IsFound = true };
        return s with
        {
            Attempts = [.. s.Attempts.Append(attempt).OrderBy(a => a.Order.Charge.Ordinal).ThenBy(a => a.Order.Attempt)], Additions = InCycle(s.Additions, true),
            Pause = s.Pause is { Until: null } ? null : s.Pause,
            NextPlanAt = s.Pause is { Until: null } ? s.NextPlanAt ?? x.At : s.NextPlanAt,
        };
    }

    private static IReadOnlyList<RecentOrder> Recent(IReadOnlyList<RecentOrder> before, Requested x) =>
        [.. before.Where(o => o.Order != x.Order && o.At > x.At - RecentOrder.Kept), new(x.Order, x.At)];

    private static Subscription OnCharged(Subscription s, Charged x)
    {
        var skipped = Enumerable.Repeat(0, Math.Max(0, x.Order.Charge.Ordinal - 1 - s.PaidBy.Count));
        return s with
        {
            Anchor = s.Anchor ?? (x.Order.Charge.Ordinal == 1 ? x.FirstDay : null),
            Agreement = x.RailDate is { } date ? s.Agreement with { RailDate = date, RailDateIsStale = true } : s.Agreement,
            PaidBy = [.. s.PaidBy, .. skipped, x.Order.Attempt],
            GivenUp = null,
            CaughtUp = x.Order.Charge.Kind == ChargeKind.CatchUp ? [.. s.CaughtUp, x.Order.Charge.Ordinal] : s.CaughtUp,
            PaidUntil = x.PaidUntil,
            PaidDays = Period.DaysBetween(x.FirstDay, x.PaidUntil.InZone(s.Zone).Date),
            UnpaidDays = 0,
            PaidPlan = null,
            Additions = AfterCharge(s, x),
            NextPlanAt = x.NextPlanAt,
            EndsAt = s.Status == SubscriptionStatus.Cancelled ? x.PaidUntil : s.EndsAt,
            Attempts = [.. s.Attempts.Where(a => a.Order != x.Order && a.Status == AttemptStatus.InFlight)],
            Cycle = null,
            Notice = null,
            NoticeRetry = null,
            RailNotices = [],
            RetryAt = null,
            NotBefore = null,
        };
    }

    // The first cancel is the one that money is judged by; a later one can only bring the end forward.
    private static Subscription OnCancelled(Subscription s, Cancelled x) => s with
    {
        Status = SubscriptionStatus.Cancelled,
        CancelledAt = s.CancelledAt ?? x.At,
        CancelledBy = s.CancelledBy ?? x.By,
        EndsAt = x.EffectiveAt,

        // A cancel ends a pause that has begun: what was paid is had from then on.
        PaidUntil = s.PaidUntil is not null && s.Pause is { MovesDays: true } && s.IsPausedAt(x.At) && x.EffectiveAt > x.At ? x.EffectiveAt : s.PaidUntil,
        NothingBack = x.NothingBack,
        TerminateAt = s.CancelledAt is null ? x.TerminateAt : s.TerminateAt is { } before && x.TerminateAt is { } now ? Instant.Min(before, now) : null,
        Change = null,
        Offer = null,
        RetryAt = null,
        NextPlanAt = null,
    };

    private static Subscription OnOverpaid(Subscription s, Overpaid x) => s with
    {
        Attempts = Replace(s.Attempts, a => a.Order == x.Order, a => a with { Status = AttemptStatus.Declined, AskAt = null, ResendAt = null }),
        Refunds = [.. s.Refunds, RefundOf(x)],
    };

    // What went back already is owed by nobody.
    private static Refund RefundOf(Overpaid x) => x.Reason == OverpaidReason.GivenBack
        ? new(x.Order.Refund(1).ToString(), x.Order, x.Amount, RefundStatus.Done, 0, null, 0) { RailTransaction = x.RailTransaction, Account = x.Account }
        : new(x.Order.Refund(1).ToString(), x.Order, x.Amount, RefundStatus.Owed, 0, x.At, 0) { RailTransaction = x.RailTransaction, Account = x.Account };

    private static Subscription OnRefunded(Subscription s, Refunded x)
    {
        var known = s.Refunds.Any(r => r.Number == x.RefundNumber);
        return s with
        {
            Refunds = known
                ? Replace(s.Refunds, r => r.Number == x.RefundNumber, r => r with { Status = RefundStatus.Done, NextAt = null, IsPaidOutside = false })
                : [.. s.Refunds, new(x.RefundNumber, x.Order, x.Amount, RefundStatus.Done, 0, null, 0) { RailTransaction = "" }],
        };
    }

    private static NoticeRetry Postpone(NoticeRetry? before, Instant until) => (before ?? new(0, until)) with { RetryAt = until };

    private static NoticeRetry Retry(NoticeFailed x) => new(x.Channel == x.NextChannel ? x.Failures : 0, x.RetryAt) { Channel = x.NextChannel };

    // What had been given up until a person looked is tried once more; without this it would have no duty again, ever.
    private static Subscription OnUnparked(Subscription s, Instant at) => s with
    {
        Parked = null,

        // Who could not be reached is tried by every channel again.
        NoticeRetry = s.Parked == ParkReason.Unreachable ? null : s.NoticeRetry,
        ReminderRetry = s.Parked == ParkReason.Unreachable ? null : s.ReminderRetry,
        Agreement = AskedAgain(s.Agreement, at),
        Backups = Replace(s.Backups, backup => backup.Agreement.Status == AgreementStatus.Terminating, backup => backup with { Agreement = AskedAgain(backup.Agreement, at) }),
        Attempts = [.. s.Attempts.Select(a => Resumed(a, at))],
        RailNotices = [.. s.RailNotices.Where(n => n.Result != RailNoticeResult.Refused)],
        Refunds = Replace(s.Refunds, r => r.Status == RefundStatus.Requested, r => r with { NextAt = r.NextAt ?? at }),
    };

    private static Attempt Resumed(Attempt a, Instant at) => a.Status switch
    {
        AttemptStatus.InFlight => a with { AskAt = a.AskAt ?? at },
        AttemptStatus.NotTaken => a with { ResendAt = a.ResendAt ?? at },
        _ => a,
    };

    private static Subscription OnAttempt(Subscription s, OrderNumber order, Func<Attempt, Attempt> change) =>
        s with { Attempts = Replace(s.Attempts, a => a.Order == order, change) };

    private static Subscription OnRefund(Subscription s, OrderNumber number, Func<Refund, Refund> change)
    {
        var text = number.ToString();
        return s with { Refunds = Replace(s.Refunds, r => r.Number == text, change) };
    }

    private static IReadOnlyList<T> Replace<T>(IReadOnlyList<T> list, Func<T, bool> which, Func<T, T> change) =>
        [.. list.Select(item => which(item) ? change(item) : item)];
}
