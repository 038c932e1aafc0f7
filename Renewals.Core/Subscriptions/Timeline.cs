using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>What a member sees happen.</summary>
public enum TimelineKind
{
    /// <summary>The member signed.</summary>
    Signed = 0,

    /// <summary>The membership is given before the first charge.</summary>
    Trial = 1,

    /// <summary>A charge is announced and comes.</summary>
    ChargeComing = 2,

    /// <summary>The next charge, not announced yet.</summary>
    ChargeExpected = 3,

    /// <summary>A charge was paid.</summary>
    Paid = 4,

    /// <summary>A charge was declined.</summary>
    Declined = 5,

    /// <summary>Money goes back.</summary>
    RefundComing = 6,

    /// <summary>Money went back.</summary>
    Refunded = 7,

    /// <summary>Other terms are planned.</summary>
    ChangePlanned = 8,

    /// <summary>A planned change was withdrawn.</summary>
    ChangeWithdrawn = 9,

    /// <summary>Other terms hold.</summary>
    Changed = 10,

    /// <summary>An amount comes with the next charge, or is taken off it.</summary>
    AmountAdded = 11,

    /// <summary>The membership is paused.</summary>
    Paused = 12,

    /// <summary>It goes on.</summary>
    Resumed = 13,

    /// <summary>Another price is offered.</summary>
    PriceOffered = 14,

    /// <summary>It was agreed to.</summary>
    PriceAgreed = 15,

    /// <summary>It was not.</summary>
    PriceKept = 16,

    /// <summary>Renewal was stopped.</summary>
    Cancelled = 17,

    /// <summary>The cancel was undone.</summary>
    CancelUndone = 18,

    /// <summary>The membership is over.</summary>
    Ended = 19,

    /// <summary>It is charged at another rail, or under another agreement, from now on.</summary>
    ChargedElsewhere = 20,
}

/// <summary>One line of what a member sees, as facts; <see cref="TimelineWords"/> says it.</summary>
/// <param name="At">When it happened, or is expected to.</param>
/// <param name="Kind">What.</param>
public sealed record TimelineEntry(Instant At, TimelineKind Kind)
{
    /// <summary>How much; null where no money is meant.</summary>
    public Money? Amount { get; init; }

    /// <summary>From when it concerns the member: the first moment of a charge, of other terms, of a pause.</summary>
    public Instant? From { get; init; }

    /// <summary>Until when: the end of what is paid or given, of a pause, of the time to answer.</summary>
    public Instant? Until { get; init; }

    /// <summary>When the member was told of it.</summary>
    public Instant? ToldAt { get; init; }

    /// <summary>What it is about, as the member reads it, or the rail's short name; null: the membership.</summary>
    public string? Subject { get; init; }
}

/// <summary>A membership as its member sees it, from the same events and the same fold that drive the worker.</summary>
public static class Timeline
{
    /// <summary>What happened and what comes, in order.</summary>
    /// <param name="events">All events of the membership, in order.</param>
    public static IReadOnlyList<TimelineEntry> Of(IReadOnlyList<SubscriptionEvent> events)
    {
        List<TimelineEntry> entries = [];
        Subscription? s = null;
        foreach (var e in events)
        {
            s = Evolve.Next(s, e);
            if (EntryOf(s, e) is { } entry)
                entries.Add(entry);
        }

        if (s is not null && Coming(s) is { } coming)
            entries.Add(coming);
        return entries;
    }

    private static TimelineEntry? EntryOf(Subscription s, SubscriptionEvent e) => e switch
    {
        Signed { FreeUntil: { } until } x => new(x.SignedAt, TimelineKind.Trial) { Until = until, Subject = s.Terms.Subject },
        Signed x => new(x.SignedAt, TimelineKind.Signed) { Subject = s.Terms.Subject },
        Charged x => new(x.PaidAt, TimelineKind.Paid) { Amount = x.Amount, Until = x.PaidUntil, Subject = s.Terms.Subject },
        Failed x => new(x.At, TimelineKind.Declined) { From = x.RetryAt },
        RefundGranted x => new(x.At, TimelineKind.RefundComing) { Amount = x.Amount },
        Refunded x => new(x.RefundedAt, TimelineKind.Refunded) { Amount = x.Amount },
        PaidOutside x => new(x.At, TimelineKind.Refunded) { Amount = x.Amount },
        _ => EntryOfChange(s, e),
    };

    private static TimelineEntry? EntryOfChange(Subscription s, SubscriptionEvent e) => e switch
    {
        ChangePlanned x => new(x.At, TimelineKind.ChangePlanned) { Subject = x.Change.Terms.Subject, Amount = x.Change.Terms.PriceOf(x.Change.FromOrdinal), From = StartOf(s, x.Change) },
        ChangeWithdrawn x => new(x.At, TimelineKind.ChangeWithdrawn),
        TermsChanged x => new(x.At, TimelineKind.Changed) { Subject = x.Terms.Subject, Amount = x.Terms.PriceOf(x.Ordinal + 1), From = x.EnjoyedFrom },
        AmountAdded x => new(x.At, TimelineKind.AmountAdded) { Amount = x.Amount, Subject = x.Why },
        Paused x => new(x.At, TimelineKind.Paused) { From = x.From, Until = x.Until },
        Resumed x => new(x.At, TimelineKind.Resumed) { From = x.From },
        PriceOfferTold x when s.Offer is { } offer => new(x.HandedOverAt, TimelineKind.PriceOffered) { Amount = offer.Terms.Price, From = offer.EffectiveFrom, Until = offer.AnswerBy },
        PriceAnswered { Answer: PriceAnswer.Yes } x => new(x.At, TimelineKind.PriceAgreed),
        PriceAnswered { Answer: PriceAnswer.No or PriceAnswer.NotTold or PriceAnswer.Withdrawn } x => new(x.At, TimelineKind.PriceKept),
        Cancelled x => new(x.At, TimelineKind.Cancelled) { Until = x.EffectiveAt },
        CancelUndone x => new(x.At, TimelineKind.CancelUndone),
        AgreementSwitched x => new(x.At, TimelineKind.ChargedElsewhere) { Subject = x.Account.Rail },
        Ended x => new(x.At, TimelineKind.Ended),
        _ => null,
    };

    private static TimelineEntry? Coming(Subscription s) => s switch
    {
        { Status: not SubscriptionStatus.Active } or { Terms.Renews: false } => null,
        { Notice: { } notice, Cycle: { } cycle } =>
            new(cycle.MoneyFrom, TimelineKind.ChargeComing) { Amount = notice.Amount, From = notice.MoneyFrom, Until = notice.MoneyUntil, ToldAt = notice.HandedOverAt, Subject = s.Terms.Subject },
        { Cycle: { } cycle } => new(cycle.MoneyFrom, TimelineKind.ChargeExpected) { Amount = cycle.Amount, From = cycle.MoneyFrom, ToldAt = cycle.AnnounceAt, Subject = s.Terms.Subject },
        { NextPlanAt: not null } when StartOf(s, s.NextCharge.Ordinal) is { } start =>
            new(start, TimelineKind.ChargeExpected) { Amount = s.NextAmount, From = start, Subject = (s.ChangesWith(s.NextCharge.Ordinal) ? s.Change!.Terms : s.Terms).Subject },
        _ => null,
    };

    // The first period that begins when it may, as far as the days stay as they are.
    private static Instant? StartOf(Subscription s, PlannedChange change)
    {
        var from = Math.Max(change.FromOrdinal, s.PeriodsBeforeAnchor + 1);
        return s.Periods is not { } periods ? null
            : change.NotBefore is { } limit && periods.Start(from) < limit ? periods.Start(periods.OrdinalAt(limit - Duration.Epsilon) + 1)
            : periods.Start(from);
    }

    private static Instant? StartOf(Subscription s, int ordinal) => s.Periods is { } periods && ordinal > periods.Before ? periods.Start(ordinal) : null;
}
