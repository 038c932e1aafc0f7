using NodaTime;
using Renewals.Core.Agreements;

namespace Renewals.Core.Subscriptions;

/// <summary>What a membership must do.</summary>
public enum DutyKind
{
    /// <summary>Ask whether the member signed.</summary>
    AskSigning,

    /// <summary>Read the rail's own charge date before the next renewal is planned.</summary>
    ReadRailDate,

    /// <summary>Ask whether the agreement is in force.</summary>
    VerifyAgreement,

    /// <summary>Ask the statements before a cut-over for payments of the system the membership was taken over from.</summary>
    AskStatements,

    /// <summary>Solve the calendar of the next renewal.</summary>
    PlanCycle,

    /// <summary>Move the rail's own charge date to the one the calendar relies on.</summary>
    MoveRailDate,

    /// <summary>Remind the member of the renewal, where the law asks for that once in a while.</summary>
    Remind,

    /// <summary>Tell the member.</summary>
    Announce,

    /// <summary>Send the rail's own notice.</summary>
    AnnounceAtRail,

    /// <summary>Send an order: the first try, a repeat, or the next try after a decline.</summary>
    Charge,

    /// <summary>Ask what became of an order.</summary>
    AskCharge,

    /// <summary>Send a refund.</summary>
    Refund,

    /// <summary>Ask what became of a refund.</summary>
    AskRefund,

    /// <summary>Request the end of the agreement.</summary>
    Terminate,

    /// <summary>Call the rail to end the agreement, until it confirms.</summary>
    CallTermination,

    /// <summary>End the membership.</summary>
    End,

    /// <summary>Tell the member of the offer of another price.</summary>
    OfferPrice,

    /// <summary>Conclude the offer: the time to answer is over.</summary>
    ConcludeOffer,

    /// <summary>Let another agreement take over, or stop renewal: the one in use is over.</summary>
    LeaveAgreement,
}

/// <summary>Something a membership must do, and when.</summary>
/// <param name="Kind">What.</param>
/// <param name="Key">Which, where there can be several: an order's or refund's number, an agreement that is not the one in use.</param>
/// <param name="Due">When; a duty is never early.</param>
public readonly record struct Duty(DutyKind Kind, string Key, Instant Due)
{
    private const string BeforeStep = "before";

    /// <summary>Whether it only asks the rail, and changes nothing there.</summary>
    internal bool IsQuestion => Kind is DutyKind.AskSigning or DutyKind.ReadRailDate or DutyKind.VerifyAgreement or DutyKind.AskCharge or DutyKind.AskRefund
        or DutyKind.AskStatements;

    /// <summary>The agreement it is about, where it is about one.</summary>
    internal AgreementId AgreementOf(Subscription s) => Key is not ("" or BeforeStep) && AgreementId.TryParse(Key, out var id) ? id : s.Agreement.Id;

    /// <summary>Whether it may wait for a quieter moment: a look at an agreement that nothing waits for yet.</summary>
    internal bool MayWait(Subscription s, Instant now) => Key is "" or BeforeStep && Kind == DutyKind.VerifyAgreement && s.Agreement is { Status: AgreementStatus.Active, Asks: 0 }
        && (Key != BeforeStep || now < Due + (s.Cycle?.VerifyLead ?? Duration.Zero));

    /// <summary>The earliest duty of a membership: what the book keeps and the worker asks for. Null: nothing to do, ever.</summary>
    public static Instant? Alarm(Subscription s)
    {
        Instant? alarm = null;
        foreach (var duty in Of(s))
        {
            if (alarm is null || duty.Due < alarm)
                alarm = duty.Due;
        }

        return alarm;
    }

    /// <summary>All duties of a membership: a bounded set, from its state alone.</summary>
    public static IEnumerable<Duty> Of(Subscription s)
    {
        foreach (var refund in s.Refunds)
        {
            if (refund.NextAt is { } at && !s.WaitsForDispute(refund))
                yield return new(refund.Status == RefundStatus.Owed ? DutyKind.Refund : DutyKind.AskRefund, refund.Number, at);
        }

        foreach (var attempt in s.Attempts)
        {
            if (attempt.AskAt is { } at)
                yield return new(DutyKind.AskCharge, attempt.Order.ToString(), at);
        }

        if (OfAgreement(s) is { } agreement)
            yield return agreement;
        foreach (var backup in s.Backups)
        {
            if (OfBackup(s, backup) is { } duty)
                yield return duty;
        }

        if (s is { MovedIn.AskAt: { } askAt } and ({ Status: SubscriptionStatus.Active, Agreement.Status: AgreementStatus.Active } or { Status: SubscriptionStatus.Cancelled }))
            yield return new(DutyKind.AskStatements, "", askAt);
        if (s is { Status: SubscriptionStatus.Cancelled, EndsAt: { } end, InFlight: false })
            yield return new(DutyKind.End, "", end);
        if (OfOffer(s) is { } offer)
            yield return offer;
        if (s is { Status: SubscriptionStatus.Active, Parked: null, InFlight: false, MovedIn: null or { AskAt: null } } && Reminded(s, OfRenewal(s)) is { } renewal)
            yield return renewal;
    }

    private static Duty? OfAgreement(Subscription s) => (s.Agreement.Status, s.Agreement.AskAt) switch
    {
        (AgreementStatus.Signing, { } at) => new(DutyKind.AskSigning, "", at),
        (AgreementStatus.Terminating, { } at) => new(DutyKind.CallTermination, "", at),
        (AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Unverified, _) when s.CancelledAt is { } cancelled =>
            new(DutyKind.Terminate, "", s.TerminateAt ?? cancelled),
        (AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Unverified, _) when s.Status == SubscriptionStatus.Ended => new(DutyKind.Terminate, "", s.SignBy),
        (AgreementStatus.Active or AgreementStatus.Suspended, _) when !s.Terms.Renews && s.PaidUntil is not null =>
            new(DutyKind.Terminate, "", s.SignedAt ?? s.SignBy),
        (AgreementStatus.Suspended or AgreementStatus.Unverified, { } at) => new(DutyKind.VerifyAgreement, "", at),
        (AgreementStatus.Active, var again) when s.Status == SubscriptionStatus.Active && s.Agreement.VerifyAt is { } at =>
            new(DutyKind.VerifyAgreement, "", Instant.Max(at, again ?? at)),
        _ => null,
    };

    private static Duty? OfBackup(Subscription s, BackupAgreement backup) => (backup.Agreement.Status, backup.Agreement.AskAt) switch
    {
        (AgreementStatus.Signing, { } at) => new(DutyKind.AskSigning, $"{backup.Agreement.Id}", at),
        (AgreementStatus.Terminating, { } at) => new(DutyKind.CallTermination, $"{backup.Agreement.Id}", at),
        (AgreementStatus.Active or AgreementStatus.Suspended or AgreementStatus.Unverified, _) when EndOf(s, backup) is { } at => new(DutyKind.Terminate, $"{backup.Agreement.Id}", at),
        (AgreementStatus.Suspended or AgreementStatus.Unverified, { } at) => new(DutyKind.VerifyAgreement, $"{backup.Agreement.Id}", at),
        _ => null,
    };

    // With renewal all of them end; one that is not wanted any more ends before.
    private static Instant? EndOf(Subscription s, BackupAgreement backup) =>
        backup.RetiredAt ?? (s.CancelledAt is { } cancelled ? s.TerminateAt ?? cancelled : s.Status == SubscriptionStatus.Ended ? s.SignBy : null);

    private static Duty? OfOffer(Subscription s) => s is not { Status: SubscriptionStatus.Active, Parked: null, Offer: { } offer } ? null
        : offer.ToldAt is not null ? new(DutyKind.ConcludeOffer, "", offer.AnswerBy)
        : new(DutyKind.OfferPrice, "", offer.Retry?.RetryAt ?? offer.TellFrom);

    // Where the law asks for a reminder once in a while, nothing of a renewal that comes after it goes before it.
    private static Duty? Reminded(Subscription s, Duty? step) =>
        s is { Terms.Renews: true, PaidThrough: > 0, RemindAt: { } at } && !(step?.Due < at) ? new(DutyKind.Remind, "", at) : step;

    // One at a time, in the order in which a renewal goes: plan, agree on the day with the rail, tell the member, tell the rail, charge.
    private static Duty? OfRenewal(Subscription s)
    {
        var again = s.Again;
        if (again is { ResendAt: null })
            return null;
        if (!s.Terms.Renews && s.PaidUntil is { } over)
            return new(DutyKind.End, "", over);
        if (s.Agreement.Status == AgreementStatus.Suspended)
            return null;

        // Only where an order was found under it after a restore: any other end is acted upon when it becomes known.
        if (s.Agreement.Status is AgreementStatus.Terminated or AgreementStatus.Abandoned && s.Formerly.Count > 0)
            return new(DutyKind.LeaveAgreement, "", s.SignBy);
        if (s.Cycle is not { } cycle)
            return again?.ResendAt is { } resend ? new(DutyKind.Charge, "", NotBefore(s, resend)) : OfFirstOrPlan(s);

        // A date can only be moved to a later day: where the rail's is later than the calendar's, the calendar gives way.
        if (cycle.RailDate is { } date && date != s.Agreement.RailDate)
            return new(s.Agreement.RailDate > date ? DutyKind.PlanCycle : DutyKind.MoveRailDate, "", s.Agreement.AskAt ?? cycle.AnnounceAt);
        if (s.Notice is null)
            return Verified(s, cycle, new(DutyKind.Announce, "", s.AnnounceAt));
        if (cycle.RailNoticeAt is { } railNoticeAt && s.RailNotices is not [.., { RepeatAt: null }])
            return new(DutyKind.AnnounceAtRail, "", NotBefore(s, s.RailNotices is [.., { RepeatAt: { } repeat }] ? repeat : railNoticeAt));

        // A repeat belongs to the calendar in hand too: after a new one it waits for the new notice and its days.
        var from = ChargeWindow.Of(s, cycle).From;
        return Verified(s, cycle, new(DutyKind.Charge, "", NotBefore(s, again?.ResendAt is { } at ? Instant.Max(at, from) : s.RetryAt ?? from)));
    }

    // Before the step the agreement is looked at; what was looked at within the lead is fresh enough.
    private static Duty Verified(Subscription s, Calendar.CyclePlan cycle, Duty step)
    {
        if (cycle.VerifyLead is not { } lead || s.Agreement.CheckedAt >= step.Due - lead)
            return step;
        return new(DutyKind.VerifyAgreement, BeforeStep, Instant.Max(step.Due - lead, s.Agreement.AskAt ?? step.Due - lead));
    }

    private static Duty? OfFirstOrPlan(Subscription s) =>
        s is { PaidThrough: 0, NextPlanAt: null } ? new(DutyKind.Charge, "", NotBefore(s, s.SignedAt!.Value))
        : s.NextPlanAt is not { } at || s.Pause is { Until: null } ? null
        : s.Agreement.RailDateIsStale ? new(DutyKind.ReadRailDate, "", s.Agreement.AskAt ?? at)
        : new(DutyKind.PlanCycle, "", at);

    private static Instant NotBefore(Subscription s, Instant due) => s.NotBefore is { } limit && limit > due ? limit : due;
}

/// <summary>When a charge may be sent: the member's calendar, and the windows of every notice at the rail that may have landed.</summary>
/// <param name="From">From here …</param>
/// <param name="Until">… to here; before <paramref name="From"/> when nothing is left.</param>
public readonly record struct ChargeWindow(Instant From, Instant Until)
{
    /// <summary>The window of the renewal in hand.</summary>
    public static ChargeWindow Of(Subscription s, Calendar.CyclePlan cycle)
    {
        var (from, until) = (cycle.ChargeFrom, cycle.ChargeUntil);
        foreach (var notice in s.RailNotices)
        {
            if (notice.Result == RailNoticeResult.Refused)
                continue;
            from = Instant.Max(from, notice.ChargeableFrom);
            until = Instant.Min(until, notice.ChargeableUntil);
        }

        return new(from, until);
    }
}
