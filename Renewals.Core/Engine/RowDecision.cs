using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What one membership and its agreement come to, within one transaction.</summary>
internal sealed class RowDecision(Subscription state, IReadOnlyDictionary<AgreementId, Agreement> agreements, DecisionContext context)
{
    private readonly List<SubscriptionEvent> events = [];
    private readonly Dictionary<AgreementId, Agreement> changed = [];
    private readonly Dictionary<AgreementId, List<AgreementEvent>> agreementEvents = [];

    public Subscription State { get; private set; } = state;

    public IReadOnlyList<SubscriptionEvent> Events => events;

    public void Take(Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.OfSubscription x:
                Apply(Decide.On(State, x.Command, context));
                break;
            case Outcome.OfAgreement x:
                Apply(x.Agreement, DecideAgreement.OnAnswer(Known(x.Agreement), x.Answer, Decide.SignByOf(State, x.Agreement), context.Now, x.Evidence));
                Tell(x.Agreement, x.Answer as AgreementAnswer.Active, Words(x.Answer), x.Evidence);
                break;
            case Outcome.OfRailDate x:
                if (x.Answer is RailNoticeAnswer.Accepted)
                    Apply(x.Agreement, DecideAgreement.OnRailDateMoved(Known(x.Agreement), x.Date, context.Now));
                Apply(Decide.On(State, new SubscriptionCommand.RecordRailDate(x.Date, x.Answer), context));
                break;
            case Outcome.SigningRefused x:
                Apply(x.Agreement, DecideAgreement.OnRefused(Known(x.Agreement), x.Why, context.Now));
                Tell(x.Agreement, null, x.Why);
                break;
            default:
                throw new InvalidOperationException($"No way for {outcome.GetType().Name}.");
        }
    }

    /// <summary>Does what is due. Where the membership requests the end of an agreement, the agreement's stream says so too.</summary>
    public void Wake()
    {
        var decided = Decide.On(State, new SubscriptionCommand.Wake(), context);
        Apply(decided);
        foreach (var ending in decided.OfType<AgreementChanged>().Where(e => e.Status == AgreementStatus.Terminating))
            Apply(ending.Agreement, DecideAgreement.OnTerminate(Known(ending.Agreement), WhyEnded, context.Now));
    }

    public void WriteTo(ILedgerBatch batch, long before, Instant? claimedUntil)
    {
        batch.Write(before, events, State, claimedUntil);
        foreach (var (id, decided) in agreementEvents)
            batch.WriteAgreement(id, changed[id].Version - decided.Count, decided);
    }

    private string WhyEnded => State.CancelledAt is null && State.Status == SubscriptionStatus.Active && State.Terms.Renews
        ? "the membership is charged under another agreement"
        : "the membership no longer renews";

    private Agreement Known(AgreementId id) => (changed.GetValueOrDefault(id) ?? agreements.GetValueOrDefault(id)) is { } known && known.Subscription == State.Id
        ? known
        : throw new InvalidOperationException($"Agreement {id} is not one of subscription {State.Id}.");

    private void Tell(AgreementId id, AgreementAnswer.Active? inForce, string answer, Evidence evidence = Evidence.Conclusive)
    {
        var known = Known(id);
        var decided = Decide.On(
            State, new SubscriptionCommand.RecordAgreement(known.Status, known.EndedBy, inForce?.SignedAt, answer, inForce?.NextChargeOn, evidence) { Agreement = id }, context);
        Apply(decided);
        if (decided.Any(e => e is AgreementVerified))
            Apply(id, DecideAgreement.OnVerified(known, context.Now));
    }

    private void Apply(IReadOnlyList<SubscriptionEvent> decided)
    {
        events.AddRange(decided);
        State = Evolve.All(State, decided)!;
    }

    private void Apply(AgreementId id, IReadOnlyList<AgreementEvent> decided)
    {
        if (decided.Count == 0)
            return;
        changed[id] = decided.Aggregate(Known(id), EvolveAgreement.Next);
        if (!agreementEvents.TryGetValue(id, out var all))
            agreementEvents[id] = all = [];
        all.AddRange(decided);
    }

    private static string Words(AgreementAnswer answer) => answer switch
    {
        AgreementAnswer.Active => "in force",
        AgreementAnswer.Pending => "being signed",
        AgreementAnswer.NotFound => "not found",
        AgreementAnswer.Suspended suspended => $"suspended: {suspended.Why}",
        AgreementAnswer.Terminated ended => $"ended: {ended.Mode}",
        AgreementAnswer.Refused refused => $"refused: {refused.RailCode} {refused.Why}",
        AgreementAnswer.Unknown unknown => unknown.Why,
        _ => throw new InvalidOperationException($"No words for {answer.GetType().Name}."),
    };
}
