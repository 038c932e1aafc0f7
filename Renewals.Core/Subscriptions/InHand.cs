using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>Other terms that take effect when the period they begin with is planned.</summary>
/// <param name="Name">Its name; a planned change takes the place of the one before.</param>
/// <param name="Terms">All that will hold.</param>
/// <param name="FromOrdinal">The first period they price, at the earliest.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">In words.</param>
public sealed record PlannedChange(string Name, Terms Terms, int FromOrdinal, string By, string Why)
{
    /// <summary>Not for a period that begins before this; null: no such limit.</summary>
    public Instant? NotBefore { get; init; }

    /// <summary>What the member was shown and agreed to beforehand; null: the merchant keeps that elsewhere.</summary>
    public Consent? Consent { get; init; }
}

/// <summary>What the member has until other terms are enjoyed.</summary>
/// <param name="PlanId">The plan before.</param>
/// <param name="Subject">As the member reads it.</param>
/// <param name="Until">Until then.</param>
public sealed record EnjoyedBefore(string PlanId, string Subject, Instant Until);

/// <summary>A payment made at the merchant's own checkout, the member present; the rail's agreement had no part in it.</summary>
/// <param name="Amount">How much.</param>
/// <param name="Reference">The checkout's number of it.</param>
public sealed record CheckoutPayment(Money Amount, string Reference);

/// <summary>An amount on top of the next announced charge.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Amount">How much; negative: it is taken off.</param>
/// <param name="Why">For what.</param>
/// <param name="IsInCycle">True once it is part of the charge in hand.</param>
public sealed record Addition(string Name, Money Amount, string Why, bool IsInCycle);

/// <summary>A pause, planned or in effect.</summary>
/// <param name="From">From then the membership is not given.</param>
/// <param name="Until">Until then; null: until it is resumed.</param>
/// <param name="MovesDays">Whether what is paid goes on after it.</param>
/// <param name="DaysLeft">Paid days that are left for after it.</param>
public sealed record Pause(Instant From, Instant? Until, bool MovesDays, int DaysLeft)
{
    /// <summary>True once it was resumed: the end is the one that was said then.</summary>
    public bool IsResumed { get; init; }
}

/// <summary>A calendar that was given up before it was announced: the next one of the period has another name.</summary>
/// <param name="Ordinal">The period it was of.</param>
/// <param name="Revision">Its revision.</param>
public sealed record GivenUpCycle(int Ordinal, int Revision);

/// <summary>The membership at another price, offered to a member.</summary>
/// <param name="Name">Name of the campaign; a membership has one offer at a time.</param>
/// <param name="Terms">All that would hold.</param>
/// <param name="EffectiveFrom">Not for a period that begins before this.</param>
/// <param name="AnswerBy">After this silence counts.</param>
public sealed record PriceOffer(string Name, Terms Terms, Instant EffectiveFrom, Instant AnswerBy)
{
    /// <summary>The member is told from here on: sooner is too early by the law.</summary>
    public Instant TellFrom { get; init; }

    /// <summary>When the member was told; null: not yet.</summary>
    public Instant? ToldAt { get; init; }

    /// <summary>How often telling failed, and when it is tried again.</summary>
    public NoticeRetry? Retry { get; init; }
}

/// <summary>What came of the offer of another price.</summary>
public enum PriceAnswer
{
    /// <summary>Nothing was said in time.</summary>
    Silence = 0,

    /// <summary>The member agreed.</summary>
    Yes = 1,

    /// <summary>The member did not.</summary>
    No = 2,

    /// <summary>The member could not be told in time: the offer lapsed.</summary>
    NotTold = 3,

    /// <summary>The offer was withdrawn before it was answered: the old price stays.</summary>
    Withdrawn = 4,
}

/// <summary>A dispute about a payment.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Order">The order that took the money.</param>
/// <param name="Amount">How much of it.</param>
/// <param name="IsOpen">False once it is won or lost.</param>
public sealed record Dispute(string Id, Charging.OrderNumber Order, Money Amount, bool IsOpen)
{
    /// <summary>Whether the merchant keeps the money; null: it is open, or was settled before this was kept.</summary>
    public bool? Won { get; init; }
}
