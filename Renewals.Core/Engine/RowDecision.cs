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
    private readonly List<AgreementEvent> agreementEvents = [];
    private Agreement? agreement = agreements.GetValueOrDefault(state.Agreement.Id);

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
                Apply(DecideAgreement.OnAnswer(Known(x.Agreement), x.Answer, State.SignBy, context.Now, x.Evidence));
                Tell(x.Answer as AgreementAnswer.Active, Words(x.Answer), x.Evidence);
                break;
            case Outcome.OfRailDate x:
                if (x.Answer is RailNoticeAnswer.Accepted)
                    Apply(DecideAgreement.OnRailDateMoved(Known(x.Agreement), x.Date, context.Now));
                Apply(Decide.On(State, new SubscriptionCommand.RecordRailDate(x.Date, x.Answer), context));
                break;
            case Outcome.SigningRefused x:
                Apply(DecideAgreement.OnRefused(Known(x.Agreement), x.Why, context.Now));
                Tell(null, x.Why);
                break;
            default:
                throw new InvalidOperationException($"No way for {outcome.GetType().Name}.");
        }
    }

    /// <summary>Does what is due. Where the membership requests the end of its agreement, the agreement's stream says so too.</summary>
    public void Wake()
    {
        var decided = Decide.On(State, new SubscriptionCommand.Wake(), context);
        Apply(decided);
        if (decided.Any(e => e is AgreementChanged { Status: AgreementStatus.Terminating }))
            Apply(DecideAgreement.OnTerminate(Known(State.Agreement.Id), "the membership no longer renews", context.Now));
    }

    public void WriteTo(ILedgerBatch batch, long before, Instant? claimedUntil)
    {
        batch.Write(before, events, State, claimedUntil);
        if (agreement is not null)
            batch.WriteAgreement(agreement.Id, agreement.Version - agreementEvents.Count, agreementEvents);
    }

    private Agreement Known(AgreementId id) => agreement is { } known && known.Id == id
        ? known
        : throw new InvalidOperationException($"Agreement {id} is not the one of subscription {State.Id}.");

    private void Tell(AgreementAnswer.Active? inForce, string answer, Evidence evidence = Evidence.Conclusive)
    {
        var known = agreement!;
        var decided = Decide.On(
            State, new SubscriptionCommand.RecordAgreement(known.Status, known.EndedBy, inForce?.SignedAt, answer, inForce?.NextChargeOn, evidence), context);
        Apply(decided);
        if (decided.Any(e => e is AgreementVerified))
            Apply(DecideAgreement.OnVerified(known, context.Now));
    }

    private void Apply(IReadOnlyList<SubscriptionEvent> decided)
    {
        events.AddRange(decided);
        State = Evolve.All(State, decided)!;
    }

    private void Apply(IReadOnlyList<AgreementEvent> decided)
    {
        agreementEvents.AddRange(decided);
        agreement = decided.Aggregate(agreement, (current, e) => EvolveAgreement.Next(current, e));
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
