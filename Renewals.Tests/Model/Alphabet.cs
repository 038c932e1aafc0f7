using System.Collections.Frozen;
using CsCheck;
using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;
using Renewals.Tests.Unit;

namespace Renewals.Tests.Model;

/// <summary>All that can happen to a membership. What no honest rail says, and a restore, costs one of the life's surprises.</summary>
internal static class Alphabet
{
    /// <summary>How the numbers of refunds begin that are not ours.</summary>
    public const string RefundElsewhere = "SHOP-";

    /// <summary>The plainest word of each kind: with these alone a membership lives, fails and ends.</summary>
    private static readonly Enum[] Plain =
    [
        Moment.Alarm, OfAgreement.Signed, OfAgreement.Abandoned, OfAgreement.InForce, OfAgreement.EndConfirmed, OfAgreement.StillSuspended,
        OfNotice.HandedOver, OfRailNotice.Accepted,
        Said.Paid, Said.DeclinedNoFunds, Said.Missing, Said.AbsentFromStatements, OfRefund.Refunded,
    ];

    private static readonly Enum[] Surprises =
    [
        Moment.WindowOver, Moment.TwoMonthsLater, Moment.AlarmAtTheLimitOfEvents, OfAgreement.Suspended, OfNotice.HandedOverTooLate,
        Said.PaidOtherAmount, Said.PaidOtherCurrency, Said.PaidAndGivenBack, OfRefund.MadeElsewhere,
    ];

    // Rarer in random walks, so that they last.
    private static readonly OfAgreement[] AgreementEnds = [OfAgreement.Abandoned, OfAgreement.EndedInTheWallet];

    private static readonly (Which, Said)[] Sayings =
    [
        .. Enum.GetValues<Said>().Select(said => (Which.Newest, said)),
        .. new[] { Said.Paid, Said.PaidBeforeTheCancel, Said.PaidAndGivenBack, Said.DeclinedNoFunds, Said.Pending, Said.Missing, Said.RumouredPaid }
            .Select(said => (Which.Earlier, said)),
        .. new[] { Said.Paid, Said.DeclinedNoFunds, Said.PaidAndGivenBack, Said.RumouredPaid }.Select(said => (Which.ThePaying, said)),
        .. new[] { Said.Paid, Said.PaidAndGivenBack, Said.Missing }.Select(said => (Which.NeverOrdered, said)),
        .. new[] { Said.Paid, Said.PaidBeforeTheCancel, Said.PaidOtherAmount, Said.Pending, Said.DeclinedNoFunds, Said.PaidAndGivenBack, Said.Missing }
            .Select(said => (Which.LostInTheRestore, said)),
    ];

    private static (Which, Said)[] Declines => [.. Sayings.Where(x => x.Item2 is Said.DeclinedNoFunds or Said.DeclinedForGood or Said.DeclinedClosed)];

    public static Spec<Life> Of(World world) => Spec.From(Life.Of(world))
        .Action("enrols", [false, true], (l, _) => l.State is null, Enrols)
        .Action("time", Enum.GetValues<Moment>(), (l, x) => Allows(l, x) && CanPass(l, x), Passes, weight: 300)
        .Action("agreement", [.. Enum.GetValues<OfAgreement>().Except(AgreementEnds)], (l, x) => Allows(l, x) && CanBe(l, x), Agreement, weight: 200)
        .Action("agreement ends", AgreementEnds, (l, x) => Allows(l, x) && CanBe(l, x), Agreement)
        .Action("notice", Enum.GetValues<OfNotice>(), (l, x) => Allows(l, x) && l.State is { Cycle: not null, Notice: null }, Told, weight: 200)
        .Action("rail notice", Enum.GetValues<OfRailNotice>(), (l, x) => Allows(l, x) && IsRailTold(l), RailNotice, weight: 200)
        .Action("rail date", Enum.GetValues<OfRailNotice>(), (l, x) => Allows(l, x) && IsDateToMove(l), RailDate, weight: 200)
        .Action("order", [.. Sayings.Except(Declines)], CanSay, Says, weight: 300)
        .Action("order declined", Declines, CanSay, Says, weight: 10)
        .Action("refund", Enum.GetValues<OfRefund>(), (l, x) => Allows(l, x) && CanRefund(l, x), Refund, weight: 100)
        .Action("cancels", [false, true], (l, atOnce) => (l.World.IsWordy || !atOnce) && l.State is { Status: not SubscriptionStatus.Ended }, Cancels)
        .Action("parks", l => l.State is { Parked: null } && l.Surprises > 0, Parks)
        .Action("unparks", l => l.State is { Parked: not null }, Unparks, weight: 40)
        .Action("is restored", l => l.State is not null && !l.IsFrozen && l.Surprises > 0, l => l.Freezes(true))
        .Action("is adopted", l => l.IsFrozen, l => l.Freezes(false), weight: 40)
        .Terminal(l => l.State is { Status: SubscriptionStatus.Ended })
        .Print(l => l.ToString());

    // Plain words are always said, honest ones in a wordy world, and surprises as long as any are left.
    private static bool Allows<T>(Life l, T x)
        where T : struct, Enum => Tone<T>.Surprises.Contains(x) ? l.Surprises > 0 : l.World.IsWordy || Tone<T>.Plain.Contains(x);

    public static OrderNumber? Find(Subscription s, Which which) => which switch
    {
        Which.Newest => s.Attempts.Count > 0 ? s.Attempts[^1].Order : null,
        Which.Earlier => s.Attempts.Count > 1 ? s.Attempts[^2].Order : null,
        Which.ThePaying => s.PaidThrough > 0 && s.PaidBy[^1] > 0 ? new Charge(s.Id, Subscription.KindOf(s.PaidThrough), s.PaidThrough).Attempt(s.PaidBy[^1]) : null,
        Which.NeverOrdered => new Charge(s.Id, ChargeKind.AddOn, 1).Attempt(7),
        Which.LostInTheRestore => LostOrder(s),
        _ => throw new ArgumentOutOfRangeException(nameof(which)),
    };

    private static OrderNumber LostOrder(Subscription s)
    {
        var ordinal = Math.Max(s.NextCharge.Ordinal, s.PaidThrough + 1);
        var charge = new Charge(s.Id, Subscription.KindOf(ordinal), ordinal);
        var known = s.Attempts.Select(a => a.Order).Concat(s.Refunds.Select(r => r.Order));
        var last = known.Where(o => o.Charge == charge).Select(o => o.Attempt).DefaultIfEmpty().Max();
        return charge.Attempt(last + 1);
    }

    private static bool IsRailTold(Life l) => l.State?.RailNotices is [.., { Result: RailNoticeResult.Sent }];

    private static bool IsDateToMove(Life l) => l.State is { Cycle.RailDate: { } date } s && s.Agreement.RailDate < date;

    private static Life Enrols(Life l, bool pays) => l.Meets(
        "enrols", pays, new SubscriptionCommand.Enrol(Scenario.Id, "member-7", Scenario.Account, Scenario.Signature, "template-1", World.Terms, pays), l.Now);

    private static bool CanPass(Life l, Moment to) => l.State is { } s && to switch
    {
        Moment.Alarm or Moment.AlarmWhileChargingIsStopped => Duty.Alarm(s) is not null,
        Moment.AlarmAtTheLimitOfEvents => s.Status != SubscriptionStatus.Ended,
        Moment.WindowOver => l.Picture.Window is Window.Before or Window.Open,
        Moment.TwoMonthsLater => s.Status != SubscriptionStatus.Ended,
        _ => throw new ArgumentOutOfRangeException(nameof(to)),
    };

    private static Life Passes(Life l, Moment to)
    {
        var s = l.State!;
        var alarm = Instant.Max(l.Next, Duty.Alarm(s) ?? l.Next);
        var at = to switch
        {
            Moment.WindowOver => ChargeWindow.Of(s, s.Cycle!).Until + Duration.FromHours(1),
            Moment.TwoMonthsLater => l.Now + Duration.FromDays(62),
            _ => alarm,
        };
        return l.Meets("time", to, new SubscriptionCommand.Wake(), at, context => to switch
        {
            Moment.AlarmWhileChargingIsStopped => context with { MayCharge = false },
            Moment.AlarmAtTheLimitOfEvents => context with { Limits = context.Limits with { MaxEvents = (int)s.Version } },
            _ => context,
        }, Tone<Moment>.Surprises.Contains(to));
    }

    private static bool CanBe(Life l, OfAgreement to) => l.State is { } s && to switch
    {
        OfAgreement.Signed => s.Agreement.Status is AgreementStatus.Signing or AgreementStatus.Suspended || (s.Agreement.Status == AgreementStatus.Abandoned),
        OfAgreement.StillSigning => l.Picture.Due.Contains(DutyKind.AskSigning),
        OfAgreement.Abandoned => s.Agreement.Status == AgreementStatus.Signing,
        OfAgreement.InForce or OfAgreement.NoAnswer =>
            s.Agreement.Status == AgreementStatus.Active && l.Picture.Due.Any(kind => kind is DutyKind.VerifyAgreement or DutyKind.ReadRailDate),
        OfAgreement.Suspended => s.Agreement.Status == AgreementStatus.Active,
        OfAgreement.StillSuspended => s.Agreement.Status == AgreementStatus.Suspended && l.Picture.Due.Contains(DutyKind.VerifyAgreement),
        OfAgreement.EndedInTheWallet => s.Agreement.Status is AgreementStatus.Active or AgreementStatus.Suspended,
        OfAgreement.EndConfirmed => s.Agreement.Status == AgreementStatus.Terminating,
        OfAgreement.EndNotConfirmed => l.Picture.Due.Contains(DutyKind.CallTermination),
        _ => throw new ArgumentOutOfRangeException(nameof(to)),
    };

    private static Life Agreement(Life l, OfAgreement to)
    {
        var known = l.State!.Agreement.RailDate;
        var said = to switch
        {
            OfAgreement.Signed => new SubscriptionCommand.RecordAgreement(AgreementStatus.Active, null, l.Next, "signed"),
            OfAgreement.StillSigning => new(AgreementStatus.Signing, null, null, "being signed"),
            OfAgreement.Abandoned => new(AgreementStatus.Abandoned, null, null, "not signed"),
            OfAgreement.InForce => new(AgreementStatus.Active, null, l.State.SignedAt ?? l.Now, "in force", known),
            OfAgreement.NoAnswer => new(AgreementStatus.Active, null, null, "time-out"),
            OfAgreement.Suspended or OfAgreement.StillSuspended => new(AgreementStatus.Suspended, null, null, "stopped"),
            OfAgreement.EndedInTheWallet => new(AgreementStatus.Terminated, TerminationMode.Member, null, "ended"),
            OfAgreement.EndConfirmed => new(AgreementStatus.Terminated, TerminationMode.Merchant, null, "ended"),
            OfAgreement.EndNotConfirmed => new(AgreementStatus.Terminating, null, null, "time-out"),
            _ => throw new ArgumentOutOfRangeException(nameof(to)),
        };
        var surprise = to == OfAgreement.Suspended || (to == OfAgreement.Signed && l.State.Agreement.Status == AgreementStatus.Abandoned);
        return l.Meets("agreement", to, said, surprise: surprise);
    }

    private static Life Told(Life l, OfNotice to)
    {
        var cycle = l.State!.Cycle!;
        var at = to == OfNotice.HandedOverTooLate ? Instant.Max(l.Next, cycle.AnnounceBy + Duration.FromHours(1)) : l.Next;
        NoticeResult result = to == OfNotice.Failed ? new NoticeResult.Failed("no channel") : new NoticeResult.HandedOver("receipt", at);
        return l.Meets("notice", to, new SubscriptionCommand.RecordNotice(Decide.NoticeIdOf(l.State.Id, cycle), result), at, surprise: Tone<OfNotice>.Surprises.Contains(to));
    }

    private static Life RailNotice(Life l, OfRailNotice to) =>
        l.Meets("rail notice", to, new SubscriptionCommand.RecordRailNotice(l.State!.RailNotices[^1].Number, OfRail(to)));

    private static Life RailDate(Life l, OfRailNotice to) =>
        l.Meets("rail date", to, new SubscriptionCommand.RecordRailDate(l.State!.Cycle!.RailDate!.Value, OfRail(to)));

    private static RailNoticeAnswer OfRail(OfRailNotice to) => to switch
    {
        OfRailNotice.Accepted => new RailNoticeAnswer.Accepted(),
        OfRailNotice.Refused => new RailNoticeAnswer.Refused("NO", "set-up"),
        OfRailNotice.Unknown => new RailNoticeAnswer.Unknown("time-out"),
        _ => throw new ArgumentOutOfRangeException(nameof(to)),
    };

    private static bool CanSay(Life l, (Which Which, Said Said) x)
    {
        if (l.State is not { } s || (x.Which == Which.LostInTheRestore && !l.IsFrozen) || Find(s, x.Which) is null)
            return false;
        return (IsSurprise(s, x) ? l.Surprises > 0 : Allows(l, x.Said))
            && (x.Said != Said.PaidBeforeTheCancel || s.CancelledAt is not null)
            && (x.Said != Said.AbsentFromStatements || l.World.Traits.AbsenceProof == AbsenceProof.TwoStatements);
    }

    // What a rail may say of an order in flight it may say again and again; of any other, all is news that should not be.
    private static bool IsSurprise(Subscription s, (Which Which, Said Said) x) =>
        x.Which != Which.Newest || s.Attempts[^1].Status != AttemptStatus.InFlight || Tone<Said>.Surprises.Contains(x.Said);

    private static Life Says(Life l, (Which Which, Said Said) x)
    {
        var s = l.State!;
        var order = Find(s, x.Which)!.Value;
        var amount = s.Attempts.FirstOrDefault(a => a.Order == order)?.Amount ?? s.Terms.PriceOf(order.Charge.Ordinal);
        var at = x.Said == Said.PaidBeforeTheCancel ? s.CancelledAt!.Value - Duration.FromSeconds(1) : l.Next;
        ChargeOutcome outcome = x.Said switch
        {
            Said.Paid or Said.PaidBeforeTheCancel or Said.RumouredPaid => new ChargeOutcome.Succeeded(amount, "42", at),
            Said.PaidOtherAmount => new ChargeOutcome.Succeeded(amount with { MinorUnits = amount.MinorUnits - 1 }, "42", at),
            Said.PaidOtherCurrency => new ChargeOutcome.Succeeded(new Money(amount.MinorUnits, "USD"), "42", at),
            Said.PaidAndGivenBack => new ChargeOutcome.Reversed(amount, "42", at, at),
            Said.DeclinedNoFunds or Said.RumouredDeclined => new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "NOTENOUGH"),
            Said.DeclinedForGood => new ChargeOutcome.Declined(DeclineReason.AccountAbnormal, "ABNORMAL"),
            Said.DeclinedClosed => new ChargeOutcome.Declined(DeclineReason.OrderClosed, "CLOSED"),
            Said.Pending => new ChargeOutcome.Pending("ACCEPT"),
            Said.Unknown => new ChargeOutcome.Unknown("time-out"),
            Said.Refused => new ChargeOutcome.Refused("X", "set-up"),
            Said.NotSent => new ChargeOutcome.NotSent("late"),
            Said.Missing => new ChargeOutcome.Missing(),
            Said.AbsentFromStatements => new ChargeOutcome.Absent("both statements"),
            _ => throw new ArgumentOutOfRangeException(nameof(x)),
        };
        var evidence = x.Said is Said.RumouredPaid or Said.RumouredDeclined ? Evidence.Hint : Evidence.Conclusive;
        return l.Meets("order", x, new SubscriptionCommand.RecordCharge(order, new(outcome, evidence)), surprise: IsSurprise(s, x));
    }

    private static bool CanRefund(Life l, OfRefund to) => l.State is { } s && (to == OfRefund.MadeElsewhere
        ? (Find(s, Which.ThePaying) is not null || s.Refunds.Any(r => r.Status == RefundStatus.Owed))
        : s.Refunds.Any(r => r.Status == RefundStatus.Requested));

    private static Life Refund(Life l, OfRefund to)
    {
        var s = l.State!;
        if (to == OfRefund.MadeElsewhere)
        {
            var order = s.Refunds.FirstOrDefault(r => r.Status == RefundStatus.Owed)?.Order ?? Find(s, Which.ThePaying)!.Value;
            var paid = l.Facts.Of(order)?.Took ?? s.Terms.PriceOf(order.Charge.Ordinal);
            return l.Meets("refund", to, new SubscriptionCommand.RecordRefund(order, $"{RefundElsewhere}{order}", new RefundAnswer.Refunded(paid, RefundElsewhere, l.Next)), surprise: true);
        }

        var refund = s.Refunds.First(r => r.Status == RefundStatus.Requested);
        RefundAnswer answer = to switch
        {
            OfRefund.Refunded => new RefundAnswer.Refunded(refund.Amount, "R", l.Next),
            OfRefund.Pending => new RefundAnswer.Pending("PROCESSING"),
            OfRefund.Unknown => new RefundAnswer.Unknown("time-out"),
            OfRefund.Missing => new RefundAnswer.Missing(),
            OfRefund.Refused => new RefundAnswer.Refused("NOTENOUGH", "no funds"),
            OfRefund.Impossible => new RefundAnswer.Impossible("TOO_OLD", "a year"),
            _ => throw new ArgumentOutOfRangeException(nameof(to)),
        };
        return l.Meets("refund", to, new SubscriptionCommand.RecordRefund(refund.Order, refund.Number, answer));
    }

    private static Life Parks(Life l) => l.Meets("parks", null, new SubscriptionCommand.Park(ParkReason.Requested, "look"), surprise: true);

    private static Life Unparks(Life l) => l.Meets("unparks", null, new SubscriptionCommand.Unpark("operator", "looked"));

    private static Life Cancels(Life l, bool atOnce) => l.Meets("cancels", atOnce, new SubscriptionCommand.Cancel(CancelledBy.Member, "asked", atOnce));

    private static class Tone<T>
        where T : struct, Enum
    {
        public static readonly FrozenSet<T> Plain = Alphabet.Plain.OfType<T>().ToFrozenSet();

        public static readonly FrozenSet<T> Surprises = Alphabet.Surprises.OfType<T>().ToFrozenSet();
    }
}
