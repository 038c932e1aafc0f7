using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;
using static Renewals.Tests.Model.Defect;
using Command = Renewals.Core.Subscriptions.SubscriptionCommand;

namespace Renewals.Tests.Model;

/// <summary>The planted faults. A world without surprises is searched where none is needed.</summary>
internal static class Defects
{
    private static readonly World WeChat = World.WeChatPay;
    private static readonly World Card = World.UnionPay;

    public static IReadOnlyList<Defect> All => [.. Twice, .. LateTruths, .. Cancels, .. Authority, .. Dunning, .. Unknown, .. Standstill, .. Limits, .. Time];

    private static IReadOnlyList<Defect> Twice =>
    [
        new("a second success is booked as a payment", "PAID-ONCE", Card.Surprising, Saying<Overpaid>((_, e) => e.Reason == OverpaidReason.SecondSuccess ? Booked(e) : e)),
        new("an order in flight is forgotten after an ask", "ONE-ORDER-IN-FLIGHT", WeChat, Seeing<Command.Wake>((s, _) => s with { Attempts = [.. s.Attempts.Select(Dead)] })),
        new("'no such order' is believed at once", "ONE-ORDER-IN-FLIGHT", WeChat,
            Under<Command.RecordCharge>(x => x with { Traits = x.Traits with { SettleDelay = -Duration.FromHours(1) } })),
        new("a rail without repeats gets the same order again", "NEVER-SENT-AGAIN", Card, Under<Command>(x => x with { Traits = x.Traits with { Resend = Resend.SameOrder } })),
        new("half of it goes back", "BACK-IN-FULL", WeChat.Surprising,
            Saying<RefundRequested>((_, e) => e with { Amount = e.Amount with { MinorUnits = e.Amount.MinorUnits / 2 } })),
        new("what went back elsewhere is given back again", "NOT-BACK-TWICE", WeChat.Surprising,
            Saying<Refunded>((_, e) => e.RailRefund == Alphabet.RefundElsewhere ? e with { RefundNumber = $"{Alphabet.RefundElsewhere}{e.Order}" } : e)),
    ];

    private static IReadOnlyList<Defect> LateTruths =>
    [
        new("a success after a decline is ignored", "SUCCESS-AFTER-DECLINE-COUNTS", WeChat.Surprising,
            Ignoring<Command.RecordCharge>((s, x, _) => IsPaid(x) && s.Status == SubscriptionStatus.Active && s.Attempts.Any(a => a.Order == x.Order && a.Status == AttemptStatus.Declined))),
        new("a second success is ignored", "SECOND-SUCCESS-GOES-BACK", Card.Surprising, Saying<Overpaid>((_, e) => e.Reason == OverpaidReason.SecondSuccess ? null : e)),
        new("another amount counts as the payment", "OTHER-AMOUNT-GOES-BACK", WeChat.Surprising, Saying<Overpaid>((_, e) => e.Reason == OverpaidReason.WrongAmount ? Booked(e) : e)),
        new("nobody looks at another amount", "OTHER-AMOUNT-GOES-BACK", WeChat.Surprising,
            Saying<Parked>((s, e) => e.Reason == ParkReason.UnexpectedMoney && e.Detail.Contains("was ordered for", StringComparison.Ordinal) ? null : e)),
        new("money for an order not ours is ignored", "NOT-ORDERED-GOES-BACK", WeChat.Surprising, Saying<Overpaid>((_, e) => e.Reason == OverpaidReason.NotOrdered ? null : e)),
        new("a decline after a success is ignored", "DECLINE-AFTER-SUCCESS-IS-LOOKED-AT", WeChat.Surprising, Saying<Parked>((_, e) => e.Reason == ParkReason.Contradiction ? null : e)),
        new("what was given back counts as paid", "GIVEN-BACK-IS-NOT-PAID", WeChat.Surprising, Decisions.Real with { On = (s, command, context) => Decide.On(s, Unreversed(command), context) }),
        new("a refund made elsewhere is ignored", "REFUND-ELSEWHERE-IS-RECORDED", WeChat.Surprising,
            Ignoring<Command.RecordRefund>((_, x, _) => x.RefundNumber.StartsWith(Alphabet.RefundElsewhere, StringComparison.Ordinal))),
        new("a success while the member signs is ignored", "NO-SUCCESS-IN-SILENCE", WeChat,
            Ignoring<Command.RecordCharge>((s, x, _) => IsPaid(x) && s.Status == SubscriptionStatus.Signing)),
    ];

    private static IReadOnlyList<Defect> Cancels =>
    [
        new("a cancel is forgotten when the alarm rings", "CANCEL-BEATS-CHARGE", WeChat,
            Seeing<Command.Wake>((s, _) => s is { Status: SubscriptionStatus.Cancelled, SignedAt: not null } ? s with { Status = SubscriptionStatus.Active, CancelledAt = null } : s)),
        new("what was paid after the cancel stands", "AFTER-THE-CANCEL-GOES-BACK", WeChat,
            Seeing<Command.RecordCharge>((s, x) => PaidAt(x) > s.CancelledAt ? Uncancelled(s) : s)),
        new("what was paid before the cancel goes back too", "BEFORE-THE-CANCEL-STANDS", WeChat.Honest,
            Seeing<Command.RecordCharge>((s, x) => PaidAt(x) <= s.CancelledAt ? s with { CancelledAt = Instant.MinValue } : s)),
        new("what was paid for a period that had not begun stands", "NOT-BEGUN-GOES-BACK", WeChat.Surprising,
            Seeing<Command.RecordCharge>((s, x) => PaidAt(x) <= s.CancelledAt && s.Status != SubscriptionStatus.Ended ? Uncancelled(s) : s)),
    ];

    private static IReadOnlyList<Defect> Authority =>
    [
        new("the oldest missed period is planned", "NO-PERIOD-OF-THE-PAST", Card.Surprising, Saying<CyclePlanned>((s, e) => e with { Plan = e.Plan with { Ordinal = s!.PaidThrough + 1 } })),
        new("periods are passed over in silence", "MISSED-IS-SAID", Card.Surprising, Saying<PeriodsSkipped>((_, _) => null)),
        new("the notice of this period charges the missed one", "ONE-PERIOD-AT-A-TIME", Card.Surprising,
            Saying<Requested>((s, e) => s is not null && e.Order.Charge.Ordinal > s.PaidThrough + 1 ? e with { Order = (e.Order.Charge with { Ordinal = s.PaidThrough + 1 }).Attempt(1) } : e)),
        new("a notice handed over too late counts", "NOTICE-COMES-FIRST", Card.Surprising,
            Seeing<Command.Wake>((s, _) => s is { Notice: { } notice, Cycle: { } cycle } ? s with { Notice = notice with { HandedOverAt = Instant.Min(notice.HandedOverAt, cycle.AnnounceBy) } } : s)),
        new("more is ordered than was announced", "NOT-ABOVE-THE-NOTICE", WeChat,
            Saying<Requested>((_, e) => e.Authority is ChargeAuthority.Notice ? e with { Amount = e.Amount with { MinorUnits = e.Amount.MinorUnits + 1 } } : e)),
        new("the end of the window is forgotten", "INSIDE-THE-ANNOUNCED-DAYS", Card.Surprising, Seeing<Command.Wake>((s, _) => WindowLonger(s, Duration.FromDays(3)))),
        new("the signing consents for ever", "CONSENT-ENDS", WeChat.Surprising, Seeing<Command.Wake>((s, _) => s with { ConsentUntil = s.ConsentUntil + Duration.FromDays(100) })),
        new("a renewal passes for one at the signing page", "MEMBER-IS-PRESENT-ONCE", WeChat,
            Saying<Requested>((_, e) => e.Authority is ChargeAuthority.Notice ? e with { Authority = ChargeAuthority.FromCashier() } : e)),
    ];

    private static IReadOnlyList<Defect> Dunning =>
    [
        new("an abnormal account is tried again", "NO-TRY-WITHOUT-A-STEP", WeChat.Honest,
            Saying<Failed>((_, e) => e.Reason == DeclineReason.AccountAbnormal ? e with { RetryAt = e.At + Duration.FromDays(1) } : e)),
        new("the next try is a month later", "TRIES-STAY-IN-THE-WINDOW", WeChat, Saying<Failed>((_, e) => e with { RetryAt = e.RetryAt + Duration.FromDays(30) })),
        new("nobody says which policy decided", "DUNNING-IS-NAMED", WeChat, Saying<Failed>((_, e) => e with { Policy = "" })),
        new("the tries end in silence", "TRIES-END-IN-A-CANCEL", Card, Saying<Cancelled>((_, e) => e.By == CancelledBy.Dunning ? null : e)),
    ];

    private static IReadOnlyList<Defect> Unknown =>
    [
        new("after the first ask nobody asks again", "UNKNOWN-HAS-AN-OWNER", WeChat, Saying<Asked>((_, e) => e with { NextAskAt = null })),
        new("the rail is asked every minute", "ASKS-GROW-RARE", WeChat.Honest, Saying<Asked>((_, e) => e with { NextAskAt = e.NextAskAt is null ? null : e.At + Duration.FromMinutes(1) })),
        new("nobody is called when the asks are used up", "UNKNOWN-IS-PARKED", WeChat.Honest, Saying<Parked>((_, e) => e.Reason == ParkReason.OutcomeUnknown ? null : e)),
        new("asking never ends", "UNKNOWN-IS-PARKED", Card.Honest, Under<Command.RecordCharge>(x => x with { Limits = x.Limits with { MaxAsks = 1000 } })),
        new("a membership that somebody looks at is charged", "PARKED-IS-QUIET", WeChat.Surprising, 
            Decisions.Real with { On = (s, command, x) => Decide.On(command is Command.Wake && s!.Version < x.Limits.MaxEvents ? s with { Parked = null } : s, command, x) }),
        new("a cancel waits until somebody has looked", "PARKED-GOES-ON", WeChat.Surprising, Ignoring<Command.Cancel>((s, _, _) => s.Parked is not null)),
    ];

    private static IReadOnlyList<Defect> Standstill =>
    [
        new("a restored ledger goes on by itself", "FROZEN-DECIDES-NOTHING", WeChat.Surprising, Under<Command.Wake>(x => x with { Frozen = false })),
        new("what a restored ledger finds is a stranger's", "LOST-ORDER-IS-OURS", WeChat.Surprising, Under<Command.RecordCharge>(x => x with { Frozen = false })),
        new("a stop of charging is not heeded", "STOPPED-ORDERS-NOTHING", WeChat.Honest, Under<Command>(x => x with { MayCharge = true })),
        new("a stop of charging holds up answers", "STOPPED-GOES-ON", WeChat, Ignoring<Command.RecordCharge>((_, _, x) => !x.MayCharge)),
    ];

    private static IReadOnlyList<Defect> Limits =>
    [
        new("streams grow for ever", "EVENTS-END", WeChat.Surprising, Under<Command>(x => x with { Limits = x.Limits with { MaxEvents = int.MaxValue } })),
        new("one order is sent for ever", "SENDS-END", WeChat, Under<Command>(x => x with { Limits = x.Limits with { MaxSends = 1000 } })),
        new("one charge is sent for ever, each time under a new number", "NUMBERS-END", Card, Under<Command>(x => x with { Limits = x.Limits with { MaxSends = 1000 } })),
        new("a member is told in vain for ever", "NOTICES-END", WeChat.Honest, Under<Command>(x => x with { Limits = x.Limits with { MaxNoticeFailures = 1000 } })),
        new("the rail is told for ever", "RAIL-NOTICES-END", WeChat.Honest, Under<Command>(x => x with { Limits = x.Limits with { MaxRailNotices = 1000 } })),
    ];

    private static IReadOnlyList<Defect> Time =>
    [
        new("a paid period is a day longer", "PERIODS-TILE", WeChat, Saying<Charged>((_, e) => e with { PaidUntil = e.PaidUntil + Duration.FromDays(1) })),
        new("an order may be sent ten minutes later", "SENT-BEFORE-IT-IS-LATE", WeChat,
            Saying<Requested>((_, e) => e with { SendBefore = e.SendBefore + Duration.FromMinutes(10), AskAt = e.AskAt + Duration.FromMinutes(10) })),
        new("a refund that is due is left lying", "COMES-TO-REST", WeChat.Surprising, Saying<RefundRequested>((_, _) => null)),
        new("a question about the agreement stays due", "ANSWERED-IS-LATER", WeChat.Honest, Saying<AgreementAsked>((_, e) => e.NextAskAt is null ? e : e with { NextAskAt = e.At })),
        new("a cancelled membership never ends", "NEVER-STUCK", WeChat, Folding<Cancelled>(s => s with { EndsAt = null })),
        new("a member who was told is told again", "FIRES-ONCE", WeChat, Seeing<Command.RecordNotice>((s, _) => s with { Notice = null })),
        new("the fold forgets that money went back", "FIRES-ONCE", WeChat.Surprising, Folding<Refunded>(s => s with { Refunds = [.. s.Refunds.Where(r => r.Status != RefundStatus.Done)] })),
        new("a fault of the set-up counts as the member's decline", "AS-THE-MODEL-SAYS", WeChat.Honest,
            Decisions.Real with { On = (s, command, context) => Decide.On(s, Blamed(command), context) }),
        new("the fold does not know a rumour", "NOTHING-FAILS", WeChat.Honest, Folding<Hinted>(_ => throw new InvalidOperationException("no fold"))),
    ];

    private static bool IsPaid(Command.RecordCharge x) => x.Answer is { Evidence: Evidence.Conclusive, Outcome: ChargeOutcome.Succeeded };

    private static Instant? PaidAt(Command.RecordCharge x) => (x.Answer.Outcome as ChargeOutcome.Succeeded)?.PaidAt;

    private static Subscription Uncancelled(Subscription s) => s with { Status = SubscriptionStatus.Active, CancelledAt = null };

    private static Attempt Dead(Attempt a) => a is { Status: AttemptStatus.InFlight, Asks: > 0 } ? a with { Status = AttemptStatus.Declined, AskAt = null } : a;

    private static Charged Booked(Overpaid e) => new(e.Order, e.Amount, e.RailTransaction, e.PaidAt, new(2026, 3, 10), e.At + Duration.FromDays(30), null, e.At);

    private static Command Unreversed(Command command) => command is Command.RecordCharge { Answer.Outcome: ChargeOutcome.Reversed back } x
        ? x with { Answer = new(new ChargeOutcome.Succeeded(back.Amount, back.RailTransaction, back.PaidAt)) }
        : command;

    private static Command Blamed(Command command) => command is Command.RecordCharge { Answer.Outcome: ChargeOutcome.Refused } x
        ? x with { Answer = new(new ChargeOutcome.Declined(DeclineReason.InsufficientFunds, "X")) }
        : command;

    private static Subscription WindowLonger(Subscription s, Duration by) => s is { Notice: { } notice, Cycle: { } cycle }
        ? s with { Notice = notice with { MoneyUntil = notice.MoneyUntil + by }, Cycle = cycle with { ChargeUntil = cycle.ChargeUntil + by } }
        : s;
}
