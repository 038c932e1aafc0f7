using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

public static partial class Decide
{
    private static IReadOnlyList<SubscriptionEvent> Enrol(SubscriptionCommand.Enrol x, DecisionContext context)
    {
        var now = context.Now;
        var signBy = now + context.Limits.SignWithin;
        var enrolled = new Enrolled(
            x.Id, x.Member, x.Account, x.Agreement, x.Template, x.Terms, signBy, now + DecisionLimits.AskDelay(1), now)
        {
            StartsOn = x.StartsOn, FreeUntilStart = x.FreeUntilStart, Ceiling = x.Ceiling, Consent = x.Consent, Predecessor = x.Predecessor,
        };
        if (!x.PayWhileSigning)
            return [enrolled];
        var order = new Charge(x.Id, ChargeKind.First, 1).Attempt(1);
        return
        [
            enrolled,
            new Requested(
                order, 1, ChargeAuthority.FromCashier(), x.Account, x.Agreement, x.Terms.PriceOf(1), x.Terms.Subject, now,
                now + context.Limits.SendWithin, now + DecisionLimits.AskDelay(1), now)
            {
                ExpiresAt = context.Traits.OrderLifetime is null ? null : signBy,
            },
        ];
    }

    private static IReadOnlyList<SubscriptionEvent> RecordAgreement(Subscription s, SubscriptionCommand.RecordAgreement x, DecisionContext context)
    {
        if (x.Agreement is { } id && id != s.Agreement.Id)
            return RecordBackup(s, s.Known(id).Agreement, x, context);
        if (x.Status == s.Agreement.Status && x.Evidence == Evidence.Hint)
            return OnHeardAgreement(s, x, context);
        if (x.Status == s.Agreement.Status)
            return x.Status == AgreementStatus.Active ? OnAskedInForce(s, x, context) : AskedAgreement(s, x.Answer, context);
        var changed = new AgreementChanged(s.Agreement.Id, x.Status, x.Mode, context.Now)
        {
            RailDate = x.Status != AgreementStatus.Active ? null
                : x.RailDate ?? (s.Agreement.Status is AgreementStatus.Suspended or AgreementStatus.Unverified ? s.Agreement.RailDate : FirstRailDate(s, context.Traits)),
            AskAt = x.Status == AgreementStatus.Suspended ? context.Now + DecisionLimits.AskDelay(1) : null,
            VerifyAt = x.Status == AgreementStatus.Active && context.Traits.CanAskForAgreements ? context.Now + context.Limits.VerifyEvery : null,
        };
        var next = Evolve.Next(s, changed);
        return (s.Status, x.Status) switch
        {
            (SubscriptionStatus.Signing, AgreementStatus.Active) => [changed, .. FinishSigning(next, x.SignedAt, context)],
            (SubscriptionStatus.Signing, AgreementStatus.Abandoned or AgreementStatus.Terminated) => [changed, .. FinishSigning(next, null, context)],
            (SubscriptionStatus.Active, AgreementStatus.Terminated) when s.Terms.Renews || s.PaidUntil is null =>
                [changed, .. TakeOverOrCancel(next, SwitchReason.Ended, ByMode(x.Mode), $"the agreement was ended: {x.Mode}", context, IsByHand(x.Mode))],
            _ => [changed],
        };
    }

    // What the rail calls back may be of another time: that it lifted a suspension is asked for, now.
    private static IReadOnlyList<SubscriptionEvent> OnHeardAgreement(Subscription s, SubscriptionCommand.RecordAgreement x, DecisionContext context) =>
        s.Agreement.Status == AgreementStatus.Suspended && x.SignedAt is not null && !(s.Agreement.AskAt <= context.Now)
            ? [new AgreementAsked(s.Agreement.Asks, x.Answer, context.Now, context.Now)]
            : Nothing;

    // What was asked for while signing, until the rail says its own.
    private static LocalDate? FirstRailDate(Subscription s, RailTraits traits) => traits.Plan is { } rule
        ? RailPlanDates.FirstDate(
            rule, s.Terms, s.StartWhenSigned(s.Agreement.StartedAt.InZone(RenewalZones.Get(traits.ZoneId)).Date), s.PaidThrough > 0 || s.Attempts.Any(a => a.AtCashier))
        : null;

    // Where the rail does not say who it was, it may have been the member.
    private static bool IsByHand(TerminationMode? mode) => mode is not (TerminationMode.Expired or TerminationMode.AccountClosed);

    private static CancelledBy ByMode(TerminationMode? mode) => mode == TerminationMode.Merchant ? Subscriptions.CancelledBy.Merchant : Subscriptions.CancelledBy.Wallet;

    private static IReadOnlyList<SubscriptionEvent> AskedAgreement(Subscription s, string answer, DecisionContext context)
    {
        if (s.Agreement.AskAt is not { } due || due > context.Now)
            return Nothing;
        var asks = s.Agreement.Asks + 1;
        var reason = s.Agreement.Status == AgreementStatus.Suspended ? ParkReason.AgreementSuspended : ParkReason.AgreementUnknown;
        if (asks >= context.Limits.MaxAsks)
            return Some(new AgreementAsked(asks, answer, null, context.Now), ParkOnce(s, reason, answer, context.Now));
        var next = context.Now + DecisionLimits.AskDelay(asks);

        // While signing the last ask falls right after the time to sign, so that it can close the matter.
        if (s.Agreement.Status == AgreementStatus.Signing && context.Now < s.SignBy)
            next = Instant.Min(next, s.SignBy);
        return [new AgreementAsked(asks, answer, next, context.Now)];
    }

    /// <summary>The payment is known: where the agreement is too, the signing comes to its conclusion.</summary>
    private static IReadOnlyList<SubscriptionEvent> ConcludeSigning(Subscription s, DecisionContext context) =>
        s.Status == SubscriptionStatus.Signing && s.Agreement.Status != AgreementStatus.Signing ? FinishSigning(s, null, context) : Nothing;

    private static IReadOnlyList<SubscriptionEvent> FinishSigning(Subscription s, Instant? signedAt, DecisionContext context)
    {
        var now = context.Now;
        return PayAndSign.Decide(FirstPayment(s), s.Agreement.Status is AgreementStatus.Active or AgreementStatus.Suspended ? Known.Yes : Known.No) switch
        {
            SigningConclusion.Wait => Nothing,
            SigningConclusion.Begin => Begin(s, signedAt ?? now, context),
            SigningConclusion.OnePeriodOnly => CancelWith(s, Subscriptions.CancelledBy.NotSigned, "paid for one period and did not sign for more", false, context),
            SigningConclusion.EndAgreement => CancelWith(s, Subscriptions.CancelledBy.FirstPayment, "signed, but the first period was not paid", true, context),
            SigningConclusion.GiveUp => [new Ended(EndReason.SignAbandoned, now)],
            _ => throw new InvalidOperationException("No such conclusion."),
        };
    }

    private static Known? FirstPayment(Subscription s) =>
        s.PaidThrough > 0 ? Known.Yes
        : !s.Attempts.Any(attempt => attempt.AtCashier) ? null
        : s.Attempts.Any(attempt => attempt.Status == AttemptStatus.InFlight) ? Known.Unknown
        : Known.No;

    private static IReadOnlyList<SubscriptionEvent> Begin(Subscription s, Instant signedAt, DecisionContext context)
    {
        var signedOn = signedAt.InZone(RenewalZones.Get(s.Terms.ZoneId)).Date;
        var anchor = s.Anchor ?? s.StartWhenSigned(signedOn);
        var signed = new Signed(anchor, signedAt, signedAt + context.Traits.SigningConsent, context.Now);
        if (anchor <= signedOn || s.PaidThrough > 0)
            return [signed];

        // The consent is to a charge now; one that comes later is announced like every other.
        var start = s.Terms.PeriodsFrom(anchor).Start(1);
        return
        [
            signed with
            {
                NextPlanAt = RenewalCalendar.PlanAt(s.Terms, start), FreeUntil = s.FreeUntilStart || s.Terms.TrialDays > 0 ? start : null,
            },
        ];
    }
}
