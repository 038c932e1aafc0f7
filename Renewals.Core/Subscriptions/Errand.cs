using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Subscriptions;

/// <summary>A call the engine makes after a commit: to a rail or to the notifier. Never in a transaction.</summary>
public abstract record Errand
{
    private Errand()
    {
    }

    /// <summary>Send an order; only after <c>requested</c> was committed.</summary>
    public sealed record SendCharge(Requested Order) : Errand;

    /// <summary>Send the rail's own notice; only after <c>rail-notice-requested</c> was committed.</summary>
    public sealed record SendRailNotice(RailNoticeRequested Notice) : Errand;

    /// <summary>Send a refund; only after <c>refund-requested</c> was committed.</summary>
    public sealed record SendRefund(RefundRequested Refund) : Errand;

    /// <summary>Tell the member; recorded after, under a name that a repeat shares.</summary>
    /// <param name="NoticeId">The name.</param>
    /// <param name="Kind">Of what.</param>
    public sealed record Tell(string NoticeId, NoticeKind Kind = NoticeKind.Charge) : Errand;

    /// <summary>Ask what became of an order.</summary>
    public sealed record AskCharge(Attempt Attempt) : Errand;

    /// <summary>Stop an order that nobody wants to be paid any more; where the rail cannot, it says what became of it.</summary>
    public sealed record StopCharge(Attempt Attempt) : Errand;

    /// <summary>Ask what became of a refund.</summary>
    public sealed record AskRefund(Refund Refund) : Errand;

    /// <summary>Ask whether the member signed, whether an agreement is in force, or for the rail's own charge date.</summary>
    public sealed record AskAgreement(AgreementId Agreement) : Errand;

    /// <summary>Ask the statements that were read for payments under an agreement that was taken over.</summary>
    public sealed record AskStatements : Errand;

    /// <summary>Move the rail's own charge date; a repeat asks for the same date.</summary>
    public sealed record MoveRailDate(LocalDate Date) : Errand;

    /// <summary>End an agreement at its rail.</summary>
    public sealed record Terminate(AgreementId Agreement) : Errand;

    /// <summary>What is to be carried out after these events were committed.</summary>
    /// <param name="after">The membership after them.</param>
    /// <param name="events">The events.</param>
    /// <param name="now">When they were decided.</param>
    public static IReadOnlyList<Errand> After(Subscription after, IReadOnlyList<SubscriptionEvent> events, Instant now)
    {
        List<Errand> errands = [];
        foreach (var e in events)
        {
            if (e is Requested { Authority: not ChargeAuthority.MemberPresent } order)
                errands.Add(new SendCharge(order));
            else if (e is RailNoticeRequested notice)
                errands.Add(new SendRailNotice(notice));
            else if (e is RefundRequested refund)
                errands.Add(new SendRefund(refund));
        }

        foreach (var duty in Duty.Of(after))
        {
            // Two duties may want one question.
            if (duty.Due <= now && Carry(after, duty, now) is { } errand && !(errand is AskAgreement && errands.Contains(errand)))
                errands.Add(errand);
        }

        return errands;
    }

    /// <summary>The agreement it is carried out under, and where that is signed: orders and refunds stay where they were sent.</summary>
    internal (MerchantAccount Account, AgreementInUse Agreement) PlaceIn(Subscription s) => this switch
    {
        AskCharge x => PlaceOf(s, x.Attempt.Order),
        StopCharge x => PlaceOf(s, x.Attempt.Order),
        SendRefund x => PlaceOf(s, x.Refund.Refund.OfAttempt),
        AskRefund x => PlaceOf(s, x.Refund.Order),
        AskAgreement x => s.Known(x.Agreement),
        Terminate x => s.Known(x.Agreement),
        SendCharge or SendRailNotice or Tell or MoveRailDate or AskStatements => (s.Account, s.Agreement),
        _ => throw new InvalidOperationException($"No place for {GetType().Name}."),
    };

    private static (MerchantAccount, AgreementInUse) PlaceOf(Subscription s, OrderNumber order) => (s.AccountOf(order), s.AgreementOf(order));

    /// <summary>What a frozen ledger carries out: questions that are due, and nothing that changes anything at the rail.</summary>
    public static IReadOnlyList<Errand> Questions(Subscription s, Instant now) =>
    [
        .. Duty.Of(s).Where(duty => duty.IsQuestion && duty.Due <= now).Select(duty => Carry(s, duty, now))
            .Select(errand => errand is StopCharge stop ? new AskCharge(stop.Attempt) : errand).OfType<Errand>().Distinct(),
    ];

    private static Errand? Carry(Subscription s, Duty duty, Instant now) => duty.Kind switch
    {
        // Whoever decided before this knew the hour; whoever did not, sends nothing.
        DutyKind.Remind or DutyKind.Announce or DutyKind.OfferPrice when s.Terms.QuietHours.Cover(now, s.Zone) => null,
        DutyKind.Remind => new Tell(s.ReminderId!, NoticeKind.Reminder),
        DutyKind.OfferPrice => new Tell(s.OfferNoticeId!, NoticeKind.PriceOffer),
        DutyKind.Announce => new Tell(Decide.NoticeIdOf(s.Id, s.Cycle!)),
        DutyKind.AskCharge => AskOrStop(s, s.Attempts.First(attempt => attempt.Order.ToString() == duty.Key), now),
        DutyKind.AskRefund => new AskRefund(s.Refunds.First(refund => refund.Number == duty.Key)),
        DutyKind.AskSigning or DutyKind.VerifyAgreement or DutyKind.ReadRailDate => new AskAgreement(duty.AgreementOf(s)),
        DutyKind.AskStatements => new AskStatements(),
        DutyKind.MoveRailDate => new MoveRailDate(s.Cycle!.RailDate!.Value),
        DutyKind.CallTermination => new Terminate(duty.AgreementOf(s)),
        DutyKind.PlanCycle or DutyKind.AnnounceAtRail or DutyKind.Charge or DutyKind.Refund or DutyKind.Terminate or DutyKind.End
            or DutyKind.ConcludeOffer or DutyKind.LeaveAgreement => null,
        _ => throw new InvalidOperationException($"No errand for duty {duty.Kind}."),
    };

    private static Errand AskOrStop(Subscription s, Attempt attempt, Instant now)
    {
        // What is stopped before it arrived is not stopped: not while it may still be sent.
        var stopped = s.CancelledAt is not null && attempt.Status == AttemptStatus.InFlight && now >= attempt.SendBefore;

        // Nobody finishes a payment at the cashier after the time to sign.
        return stopped || (attempt.AtCashier && now >= s.SignBy) ? new StopCharge(attempt) : new AskCharge(attempt);
    }
}
