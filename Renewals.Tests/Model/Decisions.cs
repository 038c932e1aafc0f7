using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>What is put to the proof: decide and fold. The real ones, or those with a defect planted in them.</summary>
internal sealed record Decisions(
    Func<Subscription?, SubscriptionCommand, DecisionContext, IReadOnlyList<SubscriptionEvent>> On, Func<Subscription?, SubscriptionEvent, Subscription> Next)
{
    public static readonly Decisions Real = new(Decide.On, Evolve.Next);
}
