using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Calendar;

/// <summary>What a repeat of a money call means at a rail.</summary>
public enum Resend
{
    /// <summary>The same order, byte for byte, is taken at most once: it may be repeated while its outcome is unknown.</summary>
    SameOrder = 0,

    /// <summary>A repeat proves nothing and may take money twice: never.</summary>
    Never = 1,
}

/// <summary>What proves that a rail never had an order.</summary>
public enum AbsenceProof
{
    /// <summary>Its answer to a query, after the settle delay.</summary>
    Query = 0,

    /// <summary>Two days' statements without it.</summary>
    TwoStatements = 1,
}

/// <summary>The notice a rail itself requires before a charge (预扣费通知).</summary>
/// <param name="DaysBefore">Calendar days between the notice and the first day it can be charged.</param>
/// <param name="ChargeableDays">How many days it can then be charged.</param>
public sealed record RailNoticeRule(int DaysBefore, int ChargeableDays);

/// <summary>The charge dates a rail keeps itself (Alipay 周期管控规则): it takes a charge only in a window that ends on its next date.</summary>
/// <remarks>
/// A success moves the date by one interval, counted from the date itself. When the date passes without a success every charge is refused
/// until the merchant moves it, which it may only do to a later day.
/// </remarks>
/// <param name="WindowDays">How many calendar days before the date the window opens; it closes with the date's end.</param>
/// <param name="RetryDays">How many days after the due day the date is laid, so that a decline can be tried again.</param>
/// <param name="LastDayOfMonth">The latest day of a month a month plan may have.</param>
public sealed record RailPlanRule(int WindowDays, int RetryDays, int LastDayOfMonth);

/// <summary>What a rail allows, remembers and requires. Facts from its protocol notes, resolved by the adapter's options.</summary>
public sealed record RailTraits
{
    /// <summary>What a repeat of a money call means.</summary>
    public required Resend Resend { get; init; }

    /// <summary>How long the rail answers queries for an order.</summary>
    public required Duration RemembersOrders { get; init; }

    /// <summary>How long "no such order" is not believed after the last moment it could have been sent.</summary>
    public required Duration SettleDelay { get; init; }

    /// <summary>What proves absence.</summary>
    public required AbsenceProof AbsenceProof { get; init; }

    /// <summary>The longest one call takes, repeats of it included.</summary>
    public required Duration CallTimeout { get; init; }

    /// <summary>The rail's own notice; null when it requires none from us.</summary>
    public required RailNoticeRule? Notice { get; init; }

    /// <summary>How long the rail itself waits between taking an order and taking the money (24 h in WeChat Pay's 24-hour mode).</summary>
    public required Duration ChargeDelay { get; init; }

    /// <summary>From this local time the rail takes orders and notices.</summary>
    public required LocalTime OpensAt { get; init; }

    /// <summary>Until this local time, exclusive.</summary>
    public required LocalTime ClosesAt { get; init; }

    /// <summary>How long after signing the first charge needs no notice; zero when there is no such rule.</summary>
    public required Duration SigningConsent { get; init; }

    /// <summary>The charge dates the rail keeps itself; null when it keeps none.</summary>
    public RailPlanRule? Plan { get; init; }

    /// <summary>How long an order can be paid after it was made, where the rail lets us say so; null: orders do not end by themselves.</summary>
    public Duration? OrderLifetime { get; init; }

    /// <summary>
    /// How old a callback may be by the time the rail signed into it; null where it signs none. Kinds of callback without a signed time do not age.
    /// </summary>
    public Duration? CallbacksFreshFor { get; init; }

    /// <summary>How often a declined charge may be tried again by the card network's rules; null: the rail is under none.</summary>
    public RetryBudget? RetryBudget { get; init; }

    /// <summary>True where the template takes one charge a day: the next try after a decline is on another day, whatever the policy says.</summary>
    public bool OneTryADay { get; init; }

    /// <summary>False where the rail cannot be asked whether an agreement is in force.</summary>
    public bool CanAskForAgreements { get; init; } = true;

    /// <summary>
    /// True where more than one charge may succeed under an agreement within a billing period, so that missed periods can be charged late. False, the
    /// default, where a success ends the period (WeChat Pay: with its notice's cycle) or moves the rail's own date on (Alipay).
    /// </summary>
    public bool SeveralSuccessesPerPeriod { get; init; }

    /// <summary>
    /// True where the agreement fixes how often it is charged, so that another interval needs a new agreement. Default false.
    /// </summary>
    public bool FixesInterval { get; init; }

    /// <summary>
    /// True where the agreement fixes the most a charge may come to, so that a higher amount needs a new agreement. Default false.
    /// </summary>
    public bool FixesCeiling { get; init; }

    /// <summary>When the rail's statement day ends, in its zone; midnight is the end of the calendar day (UnionPay: 23:00).</summary>
    public LocalTime StatementDayEnds { get; init; } = LocalTime.Midnight;

    /// <summary>From this local time of the next calendar day a day's statement can be had.</summary>
    public LocalTime StatementReadyAt { get; init; } = new(10, 0);

    /// <summary>The rail's zone.</summary>
    public string ZoneId { get; init; } = RenewalZones.Shanghai;
}
