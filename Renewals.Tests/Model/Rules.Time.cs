using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

internal static partial class Rules
{
    /// <summary>Time: periods, duties, and that everything comes to rest.</summary>
    public static readonly IReadOnlyList<Rule> OfTime =
    [
        Rule.Each<Charged>(
            "PERIODS-TILE", "A paid period begins where the last one ended, and ends a month on by the anchor.",
            (at, e) => Starts(at, e) && Midnight(at, e.PaidUntil) == (at.State.Anchor ?? e.FirstDay).PlusMonths(e.Order.Charge.Ordinal - at.State.PeriodsBeforeAnchor)),
        Rule.Each<Requested>(
            "SENT-BEFORE-IT-IS-LATE", "An order names the moment after which it is not sent: soon, and before it ends by itself.",
            (at, e) => e.SendBefore > e.At && e.SendBefore - e.At <= Duration.FromMinutes(1) && !(e.ExpiresAt <= e.SendBefore) && e.AskAt > e.SendBefore),
        new(
            "COMES-TO-REST", "After waking, what is due waits for somebody else's word.",
            (b, a) => !b.IsFrozen && a.Last is { Fault: null, Command: SubscriptionCommand.Wake, Context.MayCharge: true },
            (_, a) => Duty.Of(a.State!).All(duty => duty.Due > a.Last!.Context.Now || IsCall(duty.Kind))),
        new(
            "ANSWERED-IS-LATER", "What was due and is answered is later, or gone.",
            (b, a) => Answered(b, a).Any(), (b, a) => Answered(b, a).All(duty => !Duty.Of(a.State!).Any(x => x.Kind == duty.Kind && x.Key == duty.Key && x.Due <= a.Last!.Context.Now))),
        new(
            "NEVER-STUCK", "Nothing is left to do only at the end, or when a person looks.",
            (_, a) => a.State is not null, (_, a) => a.State is { } s && (s.Parked is not null || s.Status == SubscriptionStatus.Ended || Duty.Of(s).Any())),
        new(
            "FIRES-ONCE", "Decide, evolve, decide again gives nothing.", (_, a) => a.Last is { Fault: null } step && step.Events.Any(), (_, a) => a.Last!.Again.Count == 0),
        new("NOTHING-FAILS", "No decision and no fold fails.", (_, a) => a.Last is not null, (_, a) => a.Last!.Fault is null),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All =>
        [.. OfTwice, .. OfLateTruths, .. OfCancel, .. OfCatchUp, .. OfAuthority, .. OfDunning, .. OfUnknown, .. OfParked, .. OfFrozen, .. OfStops, .. OfLimits, .. OfTime];

    private static bool IsCall(DutyKind kind) => kind
        is DutyKind.AskSigning or DutyKind.VerifyAgreement or DutyKind.ReadRailDate or DutyKind.MoveRailDate or DutyKind.Announce or DutyKind.Remind or DutyKind.AskCharge
        or DutyKind.AskRefund or DutyKind.CallTermination;

    private static LocalDate Midnight(At at, Instant instant)
    {
        var local = instant.InZone(RenewalZones.Get(at.State.Terms.ZoneId));
        return local.TimeOfDay == LocalTime.Midnight ? local.Date : LocalDate.MinIsoValue;
    }

    private static bool Starts(At at, Charged e)
    {
        if (at.Before.Facts.Tiled is not { } tiled || tiled.Ordinal != e.Order.Charge.Ordinal - 1)
            return true;
        return e.FirstDay.AtStartOfDayInZone(RenewalZones.Get(at.State.Terms.ZoneId)).ToInstant() == tiled.PaidUntil;
    }

    /// <summary>The duties that were due and that this step's words answer. A rumour answers nothing.</summary>
    private static IEnumerable<Duty> Answered(Life before, Life after)
    {
        if (before.State is not { } state || after.Last is not { Fault: null } step)
            return [];
        var due = Duty.Of(state).Where(duty => duty.Due <= step.Context.Now);
        return step.Command switch
        {
            SubscriptionCommand.RecordCharge { Answer.Evidence: Evidence.Conclusive } x => due.Where(duty => duty.Kind == DutyKind.AskCharge && duty.Key == x.Order.ToString()),
            SubscriptionCommand.RecordRefund x => due.Where(duty => duty.Kind == DutyKind.AskRefund && duty.Key == x.RefundNumber),
            SubscriptionCommand.RecordNotice => due.Where(duty => duty.Kind is DutyKind.Announce or DutyKind.Remind),
            SubscriptionCommand.RecordRailNotice => due.Where(duty => duty.Kind == DutyKind.AnnounceAtRail),
            SubscriptionCommand.RecordRailDate => due.Where(duty => duty.Kind == DutyKind.MoveRailDate),
            SubscriptionCommand.RecordAgreement =>
                due.Where(duty => duty.Kind is DutyKind.AskSigning or DutyKind.VerifyAgreement or DutyKind.ReadRailDate or DutyKind.CallTermination),
            _ => [],
        };
    }
}
