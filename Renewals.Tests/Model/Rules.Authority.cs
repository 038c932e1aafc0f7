using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

internal static partial class Rules
{
    /// <summary>No authority, no charge.</summary>
    public static readonly IReadOnlyList<Rule> OfAuthority =
    [
        Rule.Each<Requested>(
            "NOTICE-COMES-FIRST", "A renewal is ordered five days or more after a notice of its own was handed over.",
            (at, e) => at.Before.Facts.Told is { } told && told.Ordinal == e.Order.Charge.Ordinal && MoneyAt(at, e.At) - told.HandedOverAt >= Duration.FromHours(120), IsRenewal),
        Rule.Each<Requested>(
            "NOT-ABOVE-THE-NOTICE", "No more is ordered than was announced.", (at, e) => at.Before.Facts.Told is { } told && e.Amount <= told.Amount, IsRenewal),
        Rule.Each<Requested>(
            "INSIDE-THE-ANNOUNCED-DAYS", "The money moves in the days that were announced, to the member and at the rail.",
            (at, e) => at.Before.Facts.Told is { } told && MoneyAt(at, e.At) >= told.MoneyFrom && MoneyAt(at, e.SendBefore) <= told.MoneyUntil && InRailNotices(at, e), IsRenewal),
        Rule.Each<Requested>(
            "CONSENT-ENDS", "Without a notice only the first period is ordered, soon after the signing.",
            (at, e) => e.Order.Charge.Ordinal == 1 && e.SendBefore <= at.Before.Facts.SignedAt + at.Step.Context.Traits.SigningConsent,
            (_, e) => e.Authority is ChargeAuthority.SigningConsent),
        new(
            "MEMBER-IS-PRESENT-ONCE", "Only the order of the signing page is paid by the member's own hand.",
            (_, a) => a.Last is { } step && step.Has<Requested>(),
            (_, a) => a.Last!.Events.OfType<Requested>().All(e => e.Authority is not ChargeAuthority.MemberPresent || a.Last.Command is SubscriptionCommand.Enrol)),
    ];

    /// <summary>Dunning by reason, inside the window.</summary>
    public static readonly IReadOnlyList<Rule> OfDunning =
    [
        Rule.Each<Failed>(
            "NO-TRY-WITHOUT-A-STEP", "After a decline there is another try only where the policy has a step for its reason.",
            (at, e) => at.State.Terms.Dunning.Rules.Any(rule => rule.Reason == e.Reason && rule.DaysBetweenTries.Count > at.State.Attempts.Count(a => a.Status == AttemptStatus.Declined)),
            (_, e) => e.RetryAt is not null),
        Rule.Each<Failed>(
            "TRIES-STAY-IN-THE-WINDOW", "Another try is on a later day and inside the announced window.",
            (at, e) => at.State.Cycle is { } cycle && e.RetryAt >= cycle.ChargeFrom && e.RetryAt <= cycle.ChargeUntil && Day(at, e.RetryAt.Value) > Day(at, e.At),
            (_, e) => e.RetryAt is not null),
        Rule.Each<Failed>(
            "DUNNING-IS-NAMED", "Each decline names the policy that decided what follows.",
            (at, e) => e.Policy == $"{at.State.Terms.Dunning.Name}/{at.State.Terms.Dunning.Version}/{at.State.Terms.Dunning.Hash()}"),
        Rule.Each<Failed>(
            "TRIES-END-IN-A-CANCEL", "When no try is left a renewal is stopped, and that is recorded.",
            (at, _) => at.Step.Events.OfType<Cancelled>().Any(x => x.By is CancelledBy.Dunning or CancelledBy.FirstPayment),
            (at, e) => e.RetryAt is null && at.State is { Status: SubscriptionStatus.Active, Cycle: not null } && e.Order.Charge.Ordinal > at.State.PaidThrough),
    ];

    /// <summary>Missed periods.</summary>
    public static readonly IReadOnlyList<Rule> OfCatchUp =
    [
        Rule.Each<CyclePlanned>(
            "NO-PERIOD-OF-THE-PAST", "What is planned and announced is a period that is not over.",
            (at, e) => at.State.Periods!.Value.End(e.Plan.Ordinal) > at.Now && e.Plan.Ordinal > at.State.PaidThrough),
        Rule.Each<CyclePlanned>(
            "MISSED-IS-SAID", "A period that is passed over is said to be never charged.",
            (at, e) => e.Plan.Ordinal == Math.Max(at.State.PaidThrough, at.State.SkippedThrough) + 1),
        Rule.Each<Requested>(
            "ONE-PERIOD-AT-A-TIME", "Missed periods are not billed at once: what is ordered is for a period that is not over.",
            (at, e) => at.State.Periods!.Value.End(e.Order.Charge.Ordinal) >= e.SendBefore, IsRenewal),
    ];

    private static bool IsRenewal(At at, Requested e) => e.Authority is ChargeAuthority.Notice;

    private static Instant MoneyAt(At at, Instant sent) => sent + at.Step.Context.Traits.ChargeDelay;

    private static LocalDate Day(At at, Instant instant) => instant.InZone(RenewalZones.Get(at.Step.Context.Traits.ZoneId)).Date;

    private static bool InRailNotices(At at, Requested e)
    {
        var notices = at.State.RailNotices.Where(n => n.Result != RailNoticeResult.Refused).ToList();
        return (at.Step.Context.Traits.Notice is null || notices.Count > 0) && notices.All(n => n.ChargeableFrom <= e.At && e.At <= n.ChargeableUntil);
    }
}
