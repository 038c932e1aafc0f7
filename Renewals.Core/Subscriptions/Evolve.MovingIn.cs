using Renewals.Core.Agreements;

namespace Renewals.Core.Subscriptions;

public static partial class Evolve
{
    private static Subscription Begin(Imported e) => new()
    {
        Id = e.Id,
        Version = 1,
        Member = e.Member,
        Account = e.Account,
        Terms = e.Terms,
        Status = SubscriptionStatus.Active,
        Agreement = new(e.Agreement, e.Template, AgreementStatus.Unverified, e.AskAt, 0)
        {
            StartedAt = e.MemberSince, RailDate = e.RailDate, RailDateIsStale = e.RailDate is not null, IsTakenOver = true, Ceiling = e.Ceiling,
        },
        SignBy = e.At,
        Anchor = e.Anchor,
        PeriodsBeforeAnchor = e.PeriodsBefore,
        SignedAt = e.MemberSince,
        PaidBy = [.. Enumerable.Repeat(0, e.PaidPeriods)],
        PaidUntil = e.PaidUntil,
        MovedIn = new(e.CutOver, e.Line, e.StatementsAt, 0) { Price = e.Terms.Price },
    };

    // What was under way for a period that turns out to be paid is over, as after a payment of our own; an order in flight goes on being asked for.
    private static Subscription OnPaidElsewhere(Subscription s, PaidElsewhere x)
    {
        var moved = s.MovedIn!;
        if (x.AwaitsStatements)
            return s with { MovedIn = moved with { Waiting = [.. moved.Waiting.Append(new(x.RailTransaction, x.Amount, x.PaidAt, IsCertain: true)).TakeLast(MovedIn.Remembered)] } };
        var seen = s with
        {
            MovedIn = moved with
            {
                Seen = [.. moved.Seen.Append(x.RailTransaction).TakeLast(MovedIn.Remembered)], Waiting = [.. moved.Waiting.Where(old => old.RailTransaction != x.RailTransaction)],
            },
        };
        if (x.PaidUntil is not { } until)
            return seen;
        return GiveUpCycle(seen) with
        {
            PaidBy = [.. s.PaidBy, .. Enumerable.Repeat(0, Math.Max(0, x.Ordinal - s.PaidBy.Count))],
            Agreement = s.Agreement.RailDate is null ? s.Agreement : s.Agreement with { RailDateIsStale = true },
            PaidUntil = until,
            PaidDays = 0,
            UnpaidDays = 0,
            PaidPlan = null,
            NextPlanAt = x.NextPlanAt,
            EndsAt = s.Status == SubscriptionStatus.Cancelled ? until : s.EndsAt,
            Attempts = [.. s.Attempts.Where(a => a.Status == AttemptStatus.InFlight)],
            RailNotices = [],
            GivenUp = null,
        };
    }

    private static Subscription OnStatements(Subscription s, StatementsAsked x) => s with
    {
        MovedIn = s.MovedIn! with { AskAt = x.NextAskAt, Asks = x.Asks },
        NextPlanAt = x.NextAskAt is null ? x.NextPlanAt : s.NextPlanAt,
    };
}
