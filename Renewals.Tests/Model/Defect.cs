using Renewals.Core.Subscriptions;

namespace Renewals.Tests.Model;

/// <summary>A fault planted around the real decisions, and the rule that must catch it.</summary>
/// <param name="Name">What goes wrong.</param>
/// <param name="Breaks">The rule that catches it.</param>
/// <param name="World">Where it is looked for.</param>
/// <param name="Decisions">The decisions with the fault.</param>
internal sealed record Defect(string Name, string Breaks, World World, Decisions Decisions)
{
    public override string ToString() => Name;

    /// <summary>What is decided from a membership that is seen wrongly.</summary>
    public static Decisions Seeing<T>(Func<Subscription, T, Subscription> wrong)
        where T : SubscriptionCommand =>
        Decisions.Real with { On = (s, command, context) => Decide.On(s is not null && command is T x ? wrong(s, x) : s, command, context) };

    /// <summary>What is decided under other bounds, at another rail, or unaware of a stop.</summary>
    public static Decisions Under<T>(Func<DecisionContext, DecisionContext> wrong)
        where T : SubscriptionCommand =>
        Decisions.Real with { On = (s, command, context) => Decide.On(s, command, command is T ? wrong(context) : context) };

    /// <summary>An event that is decided wrongly, or not at all.</summary>
    public static Decisions Saying<T>(Func<Subscription?, T, SubscriptionEvent?> wrong)
        where T : SubscriptionEvent =>
        Decisions.Real with
        {
            On = (s, command, context) => [.. Decide.On(s, command, context).Select(e => e is T x ? wrong(s, x) : e).OfType<SubscriptionEvent>()],
        };

    /// <summary>Something that is heard and not decided on.</summary>
    public static Decisions Ignoring<T>(Func<Subscription, T, DecisionContext, bool> which)
        where T : SubscriptionCommand =>
        Decisions.Real with { On = (s, command, context) => s is not null && command is T x && which(s, x, context) ? [] : Decide.On(s, command, context) };

    /// <summary>An event that is folded wrongly.</summary>
    public static Decisions Folding<T>(Func<Subscription, Subscription> wrong)
        where T : SubscriptionEvent =>
        Decisions.Real with { Next = (s, e) => e is T ? wrong(Evolve.Next(s, e)) : Evolve.Next(s, e) };
}
