using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>What one membership comes to until it is no longer behind: the real decisions, folded forward in memory over a world in which all goes well.</summary>
internal sealed class CatchUpPreview(DecisionContext context, FuseLimits limits)
{
    /// <summary>More steps than a membership takes that has missed as many periods as one can.</summary>
    private const int MaxSteps = 5_000;

    private Subscription state = null!;
    private Instant now;

    /// <summary>Late orders: when, and how much.</summary>
    public List<(Instant At, Plans.Money Amount)> Late { get; } = [];

    /// <summary>Periods that are never charged.</summary>
    public List<PeriodsSkipped> Skipped { get; } = [];

    /// <summary>When the first notice of a late charge is handed over; null: none is.</summary>
    public Instant? FirstNoticeAt { get; private set; }

    /// <summary>Whether somebody is asked.</summary>
    public bool Asks => state.Parked == ParkReason.CatchUpUndecided;

    /// <summary>Lives until the membership is up to date, asks a person, or is over.</summary>
    /// <returns>False: something else must happen first, which nobody can foresee.</returns>
    public bool Run(Subscription s)
    {
        (state, now) = (s, context.Now);
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            var decided = Do(new SubscriptionCommand.Wake());
            var errands = Errand.After(state, decided, now);
            foreach (var errand in errands)
                CarryOut(errand);
            if (!IsBehind(state, limits, now) || state.Parked is not null)
                return true;
            if (Duty.Alarm(state) is not { } alarm)
                return false;
            now = Instant.Max(now, alarm);
        }

        return false;
    }

    /// <summary>Whether the coming charge is for a period that began longer ago than a charge may be late.</summary>
    public static bool IsBehind(Subscription s, FuseLimits limits, Instant now) =>
        s is { Status: SubscriptionStatus.Active, Terms.Renews: true, PaidThrough: > 0, Periods: { } periods }
        && (s.NextCharge.Ordinal <= periods.Before || now - periods.Start(s.NextCharge.Ordinal) > limits.LateAfter);

    private IReadOnlyList<SubscriptionEvent> Do(SubscriptionCommand command)
    {
        var events = Decide.On(state, command, context with { Now = now });
        foreach (var e in events)
        {
            if (e is Requested && LateMoney.Of(state, limits, now) is { } money)
                Late.Add((now, money));
            else if (e is PeriodsSkipped skipped)
                Skipped.Add(skipped);
            state = Evolve.Next(state, e);
        }

        return events;
    }

    private void CarryOut(Errand errand)
    {
        if (errand is Errand.Tell { Kind: NoticeKind.Charge } && state.Cycle!.ChargeFrom - state.Cycle.Due > limits.LateAfter)
            FirstNoticeAt ??= now;
        if (Foreseen.AnswerTo(state, errand, now) is { } answer)
            Do(answer);
    }
}
