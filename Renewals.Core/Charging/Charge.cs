using Renewals.Core.Subscriptions;

namespace Renewals.Core.Charging;

/// <summary>Why money is taken.</summary>
public enum ChargeKind
{
    /// <summary>The first period's price.</summary>
    First = 0,

    /// <summary>A later period's price; the ordinal is the period.</summary>
    Renewal = 1,

    /// <summary>The difference a change of plan costs.</summary>
    Change = 2,

    /// <summary>An addition to the plan.</summary>
    AddOn = 3,

    /// <summary>The price of a period that was missed, taken late; the ordinal is the period. It is the same debt as the period's renewal: one of the two is paid.</summary>
    CatchUp = 4,
}

/// <summary>One sum of money owed once: it succeeds at most once, whatever number of attempts it takes.</summary>
/// <param name="Subscription">Whose membership.</param>
/// <param name="Kind">Why money is taken.</param>
/// <param name="Ordinal">Number within the kind, 1 to 32,767; a renewal's is its period.</param>
public readonly record struct Charge(SubscriptionId Subscription, ChargeKind Kind, int Ordinal)
{
    /// <summary>The order number of attempt <paramref name="number"/> (1 to 31) for this charge.</summary>
    public OrderNumber Attempt(int number) => OrderNumber.ForAttempt(this, number);

    /// <summary>The charge in words for people: <c>renewal 7</c>.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Ordinal}";
}
