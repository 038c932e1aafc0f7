using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>A running membership was taken over from another system. The other first event beside <see cref="Enrolled"/>.</summary>
/// <param name="Id">The membership.</param>
/// <param name="Member">The merchant's own, opaque name of the member.</param>
/// <param name="Account">Where its agreement was signed, by the other system.</param>
/// <param name="Agreement">Our name of the agreement; the rail's own is in the vault.</param>
/// <param name="Template">The rail's template.</param>
/// <param name="Terms">All that holds from now on.</param>
/// <param name="Anchor">First day of the first period that is counted, in the plan's zone.</param>
/// <param name="PeriodsBefore">How many periods are counted before the anchor: 0, or 1 where the anchor is the next due day itself.</param>
/// <param name="PaidPeriods">How many periods were paid elsewhere, those before the anchor included. None of them is ever charged here.</param>
/// <param name="PaidUntil">Until then the member has paid.</param>
/// <param name="MemberSince">When the first counted period began; stands for the signing, which nobody here saw.</param>
/// <param name="CutOver">From then on the other system sends no more orders.</param>
/// <param name="AskAt">When the rail is asked whether the agreement is in force.</param>
/// <param name="StatementsAt">From then on the statements of the days before the cut-over can have been read.</param>
/// <param name="Line">Fingerprint of the line it came from: the same line again is no news, another one for the same agreement is refused.</param>
/// <param name="At">When.</param>
public sealed record Imported(
    SubscriptionId Id, string Member, MerchantAccount Account, AgreementId Agreement, string Template, Terms Terms, LocalDate Anchor, int PeriodsBefore,
    int PaidPeriods, Instant PaidUntil, Instant MemberSince, Instant CutOver, Instant AskAt, Instant StatementsAt, string Line, Instant At)
    : SubscriptionEvent(At)
{
    /// <summary>The rail's own next charge date as it should be, where it keeps one; it is read before anything is planned.</summary>
    public LocalDate? RailDate { get; init; }

    /// <summary>The most a charge may come to, where the rail's agreements say so: the price that was paid; null elsewhere.</summary>
    public Money? Ceiling { get; init; }
}

/// <summary>A rail's statement has a payment under an agreement that was taken over, by an order that is not ours.</summary>
/// <param name="RailTransaction">The rail's number of the payment.</param>
/// <param name="Amount">What was taken.</param>
/// <param name="PaidAt">The rail's time of it.</param>
/// <param name="Ordinal">The period it paid for, which is not charged any more; 0: it fits none, and a person must look, or it is not known yet.</param>
/// <param name="PaidUntil">When that period ends; null: it fits none.</param>
/// <param name="NextPlanAt">When the next renewal is planned; null: not yet, or there is none.</param>
/// <param name="At">When it was found.</param>
public sealed record PaidElsewhere(
    string RailTransaction, Money Amount, Instant PaidAt, int Ordinal, Instant? PaidUntil, Instant? NextPlanAt, Instant At) : SubscriptionEvent(At)
{
    /// <summary>True when it was taken after the cut-over: somebody still charges there, and the account's fuse blows.</summary>
    public bool AfterCutOver { get; init; }

    /// <summary>True: heard of before the statements of the move were compared; its period is known only with them.</summary>
    public bool AwaitsStatements { get; init; }

    /// <summary>True: the period of a payment that was heard of before, <see cref="AwaitsStatements"/>; nothing new was taken.</summary>
    public bool WasHeard { get; init; }
}

/// <summary>The statements of the days before the cut-over were asked for payments under the agreement.</summary>
/// <param name="Asks">How often.</param>
/// <param name="Answer">What came of it, for people.</param>
/// <param name="NextAskAt">When they are asked again; null: they were all read, and the membership may renew.</param>
/// <param name="NextPlanAt">When the next renewal is planned; null: not yet, or there is none.</param>
/// <param name="At">When.</param>
public sealed record StatementsAsked(int Asks, string Answer, Instant? NextAskAt, Instant? NextPlanAt, Instant At) : SubscriptionEvent(At);
