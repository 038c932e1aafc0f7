using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>A named promise: whenever its case comes up in a step, it is kept in that step. A case that never comes up proves nothing.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Says">The promise, in a sentence.</param>
/// <param name="When">Whether the step is a case of it, by the life before and after.</param>
/// <param name="Then">Whether it is kept.</param>
internal sealed record Rule(string Id, string Says, Func<Life, Life, bool> When, Func<Life, Life, bool> Then)
{
    /// <summary>A promise about each event of a kind.</summary>
    public static Rule Each<T>(string id, string says, Func<At, T, bool> keeps, Func<At, T, bool>? of = null)
        where T : SubscriptionEvent
    {
        IEnumerable<(At At, T Event)> Cases(Life before, Life after)
        {
            if (after.Last is not { } step)
                yield break;
            foreach (var (state, e) in step.Story)
            {
                if (e is T x && state is not null && new At(before, after, step, state) is var at && (of is null || of(at, x)))
                    yield return (at, x);
            }
        }

        return new(id, says, (b, a) => a.Last is { Story.Count: > 0 } && Cases(b, a).Any(), (b, a) => Cases(b, a).All(c => keeps(c.At, c.Event)));
    }

    /// <summary>A promise about each thing the rail says for sure of an order.</summary>
    public static Rule Hearing<T>(string id, string says, Func<Heard<T>, bool> of, Func<Heard<T>, bool> keeps)
        where T : ChargeOutcome
    {
        static Heard<T>? Case(Life before, Life after) =>
            before.State is { } state && after.Last is { Command: SubscriptionCommand.RecordCharge { Answer: { Evidence: Evidence.Conclusive, Outcome: T outcome } } x } step
                ? new(before, after, step, state, x.Order, outcome)
                : null;

        return new(id, says, (b, a) => Case(b, a) is { } heard && of(heard), (b, a) => keeps(Case(b, a)!));
    }
}

/// <summary>Where in a step an event stands.</summary>
internal sealed record At(Life Before, Life After, Step Step, Subscription State)
{
    public Instant Now => Step.Context.Now;
}

/// <summary>Something the rail says for sure of an order.</summary>
internal sealed record Heard<T>(Life Before, Life After, Step Step, Subscription State, OrderNumber Order, T Outcome)
    where T : ChargeOutcome
{
    /// <summary>The order, where it is one of the charge in hand.</summary>
    public Core.Subscriptions.Attempt? Attempt => State.Attempts.FirstOrDefault(a => a.Order == Order);

    /// <summary>Whether its money is booked already.</summary>
    public bool IsSettled => Before.Facts.Settled.Contains(Order);

    public bool ChargeIsPaid => Before.Facts.Booked.Contains(Order.Charge);
}
