using Renewals.Core.Agreements;
using Renewals.Core.Charging;

namespace Renewals.Core.Subscriptions;

/// <remarks>What becomes of a membership's agreements: the one in use, and those that wait.</remarks>
public static partial class Evolve
{
    private static Subscription OnAgreement(Subscription s, AgreementId id, Func<AgreementInUse, AgreementInUse> change) => id == s.Agreement.Id
        ? s with { Agreement = change(s.Agreement) }
        : s with { Backups = Replace(s.Backups, backup => backup.Agreement.Id == id, backup => backup with { Agreement = change(backup.Agreement) }) };

    private static Subscription OnBackupAdded(Subscription s, BackupAdded x) => s with
    {
        Backups =
        [
            .. s.Backups,
            new(x.Account, new(x.Agreement, x.Template, AgreementStatus.Signing, x.AskAt, 0) { StartedAt = x.At, Ceiling = x.Ceiling }, x.SignBy, x.Dunning)
            {
                Interval = x.Interval, TakesOverAfterAnyEnd = x.TakesOverAfterAnyEnd,
            },
        ],
    };

    // What is under way at the rail of before goes on there; only the calendar, which was that rail's, is given up.
    private static Subscription OnSwitched(Subscription s, AgreementSwitched x)
    {
        var next = s.Backups.First(backup => backup.Agreement.Id == x.To);
        var former = new BackupAgreement(s.Account, s.Agreement, s.SignBy, s.Terms.Dunning)
        {
            Interval = x.Interval, TakesOverAfterAnyEnd = next.TakesOverAfterAnyEnd, DeclinedIn = x.Reason == SwitchReason.Declined ? s.NextCharge.Ordinal : 0,
            RetiredAt = x.Reason == SwitchReason.Wished ? x.At : null,
        };
        var use = s.LastAttempt is { Order: var last }
            ? new FormerUse(s.Agreement.Id, s.Account, last.Charge.Ordinal, last.Attempt)
            : new FormerUse(s.Agreement.Id, s.Account, s.NextCharge.Ordinal - 1, OrderNumber.MaxAttempt);
        return GiveUpCycle(s) with
        {
            Account = x.Account,
            Agreement = next.Agreement with { RailDateIsStale = next.Agreement.RailDate is not null },
            Terms = s.Terms with { Dunning = next.Dunning },
            Backups = [.. s.Backups.Where(backup => backup != next), former],
            Formerly = [.. s.Formerly, use],
            RailNotices = [],

            // An order on its way has them in it.
            Additions = InCycle(s.Additions, s.InFlight),

            // Also of an order that nobody made, whose number the next agreement may come to.
            Refunds = Replace(s.Refunds, refund => refund.Account is null, refund => refund with { Account = s.AccountOf(refund.Order) }),
            NextPlanAt = x.NextPlanAt,
        };
    }

    // What had been given up until a person looked is asked once more.
    private static AgreementInUse AskedAgain(AgreementInUse agreement, NodaTime.Instant at) =>
        agreement.Status is AgreementStatus.Signing or AgreementStatus.Terminating or AgreementStatus.Suspended or AgreementStatus.Unverified
            ? agreement with { AskAt = agreement.AskAt ?? at }
            : agreement;
}
