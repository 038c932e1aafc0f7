using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <remarks>
/// <list type="table">
/// <listheader><term>the agreement in use</term><description>the next in the list that is in force and fits takes over; without one</description></listheader>
/// <item><term>ran out, or the member's account at the rail was closed</term><description>renewal stops</description></item>
/// <item><term>ended by a person's hand, such as the member's in the wallet</term><description>that stops renewal, unless the next was signed to take over then too</description></item>
/// <item><term>is not in force, says the answer to an order</term><description>as ended by a person's hand: nobody says who ended it</description></item>
/// <item><term>declined a charge for good</term><description>renewal stops. Left for another it waits behind it, and is used again for a later period at the earliest</description></item>
/// <item><term>suspended</term><description>nobody takes over: it is asked about until it is in force again, or over</description></item>
/// <item><term>somebody asks to leave it</term><description>it is ended at its rail; not while a charge is under way</description></item>
/// </list>
/// A planned change that the next does not allow is withdrawn. An agreement fits whose ceiling is not below the price, and whose interval, where its rail fixes one, is that of the terms. An order that may still
/// take money goes on being asked for where it was sent, and nothing is ordered meanwhile. With renewal every agreement of the list ends.
/// </remarks>
public static partial class Decide
{
    private const string Engine = "engine";

    /// <summary>The agreement that takes over; null: none does.</summary>
    private static BackupAgreement? NextAgreement(Subscription s, bool byHand = false) => s is { Status: SubscriptionStatus.Active, Terms.Renews: true }
        ? s.Backups.FirstOrDefault(backup => backup.IsReady && backup.DeclinedIn < s.NextCharge.Ordinal && Fits(s, backup) && (backup.TakesOverAfterAnyEnd || !byHand))
        : null;

    private static bool Fits(Subscription s, BackupAgreement backup) => Fits(s.Terms, backup);

    private static bool Fits(Terms terms, BackupAgreement backup) =>
        !(backup.Agreement.Ceiling is { } most && terms.HighestPrice > most) && (backup.Interval is null || backup.Interval == terms.Interval);

    /// <summary>Another agreement takes over, or renewal stops.</summary>
    private static IReadOnlyList<SubscriptionEvent> TakeOverOrCancel(
        Subscription s, SwitchReason reason, CancelledBy by, string why, DecisionContext context, bool byHand = false) =>
        NextAgreement(s, byHand) is { } next
            ? Some(Unfit(s, next, context), Switch(s, next, reason, Engine, why, context))
            : CancelWith(s, by, why, false, context);

    // A change that was planned under another agreement must not cost the membership.
    private static ChangeWithdrawn? Unfit(Subscription s, BackupAgreement next, DecisionContext context) => s.Change is { } change && !Fits(change.Terms, next)
        ? new ChangeWithdrawn(change.Name, Engine, "the agreement that takes over does not allow it", context.Now)
        : null;

    private static AgreementSwitched Switch(Subscription s, BackupAgreement next, SwitchReason reason, string by, string why, DecisionContext context) => new(
        s.Agreement.Id, next.Agreement.Id, next.Account, reason, by, why,
        s.Periods is { } periods && s.NextCharge.Ordinal > periods.Before ? RenewalCalendar.PlanAt(s.Terms, periods.Start(s.NextCharge.Ordinal)) : context.Now, context.Now)
    {
        Interval = reason != SwitchReason.Found && context.Traits.FixesInterval ? s.Terms.Interval : null,
    };

    /// <summary>An agreement that is not in use changed, or the rail had nothing new of it.</summary>
    private static IReadOnlyList<SubscriptionEvent> RecordBackup(Subscription s, AgreementInUse backup, SubscriptionCommand.RecordAgreement x, DecisionContext context)
    {
        var now = context.Now;
        if (x.Status != backup.Status)
        {
            return
            [
                new AgreementChanged(backup.Id, x.Status, x.Mode, now)
                {
                    RailDate = x.Status != AgreementStatus.Active || context.Traits.Plan is not { } rule ? null
                        : x.RailDate ?? backup.RailDate ?? RailPlanDates.DateFor(rule, FirstUseOf(s, backup.StartedAt, context.Traits)),
                    AskAt = x.Status == AgreementStatus.Suspended ? now + DecisionLimits.AskDelay(1) : null,
                    VerifyAt = x.Status == AgreementStatus.Active && context.Traits.CanAskForAgreements ? now + context.Limits.VerifyEvery : null,
                },
            ];
        }

        // That the rail lifted a suspension is asked for, as of the agreement in use.
        if (x.Evidence == Evidence.Hint && backup.Status == AgreementStatus.Suspended && x.SignedAt is not null && !(backup.AskAt <= now))
            return [new AgreementAsked(backup.Asks, x.Answer, now, now) { Agreement = backup.Id }];
        if (x.Evidence == Evidence.Hint || backup.AskAt is not { } due || due > now)
            return Nothing;
        var asks = backup.Asks + 1;
        var next = now + DecisionLimits.AskDelay(asks);
        if (backup.Status == AgreementStatus.Signing && now < SignByOf(s, backup.Id))
            next = Instant.Min(next, SignByOf(s, backup.Id));
        var asked = new AgreementAsked(asks, x.Answer, asks < context.Limits.MaxAsks ? next : null, now) { Agreement = backup.Id };
        return asked.NextAskAt is null && backup.Status == AgreementStatus.Terminating
            ? Some(asked, ParkOnce(s, ParkReason.AgreementUnknown, $"the end of agreement {backup.Id}: {x.Answer}", now))
            : [asked];
    }

    /// <summary>An order of ours is known at a rail where we never sent it: what it took goes back there, and a person looks.</summary>
    private static IReadOnlyList<SubscriptionEvent> AtAnotherAccount(Subscription s, SubscriptionCommand.RecordCharge x, MerchantAccount account, DecisionContext context)
    {
        if (x.Answer is not { Evidence: Evidence.Conclusive, Outcome: ChargeOutcome.Succeeded paid })
            return Nothing;

        // A refund has its order's number: where that is in use at the other rail, only a person can give the money back.
        var isUsed = s.PaymentOf(x.Order.Charge.Ordinal) == x.Order || s.Attempts.Any(attempt => attempt.Order == x.Order) || s.Refunds.Any(refund => refund.Order == x.Order);
        return Some(
            isUsed ? null : GiveBack(x.Order, paid, OverpaidReason.NotOrdered, context.Now) with { Account = account },
            ParkOnce(s, ParkReason.UnexpectedMoney, $"{x.Order} took {paid.Amount} at {account} and was not sent there", context.Now));
    }

    /// <summary>The first day of the next period it could be charged for; what its rail's own date is laid by when it is signed.</summary>
    internal static LocalDate FirstUseOf(Subscription s, Instant startedAt, RailTraits traits)
    {
        var day = startedAt.InZone(RenewalZones.Get(traits.ZoneId)).Date;
        return s.Periods is { } periods && s.NextCharge.Ordinal > periods.Before ? LocalDate.Max(day, periods.FirstDay(s.NextCharge.Ordinal)) : day;
    }

    /// <summary>After this the unfinished signing of an agreement is given up.</summary>
    internal static Instant SignByOf(Subscription s, AgreementId id) => s.Backups.FirstOrDefault(backup => backup.Agreement.Id == id)?.SignBy ?? s.SignBy;

    private static string? WhyNotAdd(Subscription s, SubscriptionCommand.AddBackup x, DecisionContext context) =>
        s.Backups.Any(backup => backup.Agreement.Id == x.Agreement) ? null
        : s.Status != SubscriptionStatus.Active ? "Only a running membership has further agreements."
        : !s.Terms.Renews ? "The membership is of one period and does not renew."
        : s.MovedIn?.AskAt is not null ? "The agreement that was taken over is not confirmed yet; ask again when it is."
        : s.Backups.Any(backup => backup.Agreement.Status == AgreementStatus.Signing) ? "The member is signing another agreement; finish that one first, or let it time out."
        : s.Backups.Count >= context.Limits.MaxBackups ? $"The membership has had {s.Backups.Count} further agreements, the limit; let the member sign a new membership."
        : IsSigned(s, x) ? $"The membership has an agreement under template {x.Template} at {x.Account} already."
        : x.Ceiling is { } most && s.Terms.HighestPrice > most ? $"The agreement would allow {most}, and the membership costs up to {s.Terms.HighestPrice}."
        : null;

    private static bool IsSigned(Subscription s, SubscriptionCommand.AddBackup x) =>
        (IsOpen(s.Agreement) && s.Account == x.Account && s.Agreement.Template == x.Template)
        || s.Backups.Any(backup => IsOpen(backup.Agreement) && backup.Account == x.Account && backup.Agreement.Template == x.Template);

    private static bool IsOpen(AgreementInUse agreement) => agreement.Status is not (AgreementStatus.Terminated or AgreementStatus.Abandoned);

    private static IReadOnlyList<SubscriptionEvent> AddBackup(Subscription s, SubscriptionCommand.AddBackup x, DecisionContext context) =>
        s.Backups.Any(backup => backup.Agreement.Id == x.Agreement)
            ? Nothing
            :
            [
                new BackupAdded(x.Agreement, x.Account, x.Template, x.Dunning, context.Now + context.Limits.SignWithin, context.Now + DecisionLimits.AskDelay(1), context.Now)
                {
                    Ceiling = x.Ceiling, Interval = x.Interval, TakesOverAfterAnyEnd = x.TakesOverAfterAnyEnd, Consent = x.Consent,
                },
            ];

    private static string? WhyNotRetire(Subscription s, SubscriptionCommand.RetireBackup x) =>
        x.Agreement == s.Agreement.Id ? "It is the agreement in use: cancel the membership, or switch to another agreement first."
        : s.Backups.All(backup => backup.Agreement.Id != x.Agreement) ? "This membership has no such agreement."
        : null;

    private static IReadOnlyList<SubscriptionEvent> RetireBackup(Subscription s, SubscriptionCommand.RetireBackup x, DecisionContext context) =>
        s.Backups.Any(backup => backup.Agreement.Id == x.Agreement && backup.RetiredAt is null) ? [new BackupRetired(x.Agreement, x.By, x.Why, context.Now)] : Nothing;

    private static string? WhyNotSwitch(Subscription s, SubscriptionCommand.SwitchAgreement x)
    {
        if (x.Agreement == s.Agreement.Id)
            return null;
        return s.Backups.FirstOrDefault(backup => backup.Agreement.Id == x.Agreement) is not { IsReady: true } backup ? "No such agreement of this membership is in force."
            : s is not { Status: SubscriptionStatus.Active, Terms.Renews: true } ? "Renewal was stopped, or the membership does not renew."
            : !Fits(s, backup) ? $"It is signed up to {backup.Agreement.Ceiling?.ToString() ?? "any amount"} and for {backup.Interval?.ToString() ?? "any interval"}, and the membership costs {s.Terms.HighestPrice} every {s.Terms.Interval}."
            : s.Change is { } change && !Fits(change.Terms, backup) ? $"The planned change '{change.Name}' is not possible under it; withdraw the change first."
            : ChargeUnderWay(s);
    }

    private static IReadOnlyList<SubscriptionEvent> SwitchAgreement(Subscription s, SubscriptionCommand.SwitchAgreement x, DecisionContext context) =>
        x.Agreement == s.Agreement.Id ? Nothing : [Switch(s, s.Backups.First(backup => backup.Agreement.Id == x.Agreement), SwitchReason.Wished, x.By, x.Why, context)];
}
