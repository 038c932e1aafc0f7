using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>What is kept to tell payments of another system under agreements that were taken over: whose they are, and which statements were read.</summary>
/// <remarks>Payers and order numbers are kept as keyed hashes only.</remarks>
internal interface IMoves
{
    /// <summary>Memberships are taken over at an account: the statements of these days must be read. Days that were named before stay.</summary>
    Task BeginAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation);

    /// <summary>The days of an account's moves; null: nobody moved in there.</summary>
    Task<MoveDays?> FindAsync(MerchantAccount account, CancellationToken cancellation);

    /// <summary>Remembers what statements call a membership by. The same again changes nothing.</summary>
    Task AddKeysAsync(MerchantAccount account, IReadOnlyCollection<MoveKey> keys, CancellationToken cancellation);

    /// <summary>Keeps lines about orders that are not ours, refunds included. A line that is kept already is left as it is.</summary>
    Task KeepAsync(MerchantAccount account, LocalDate day, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation);

    /// <summary>The statement of a day was read to its end.</summary>
    Task SetReadAsync(MerchantAccount account, LocalDate day, CancellationToken cancellation);

    /// <summary>Which of these days were read to their end.</summary>
    Task<IReadOnlySet<LocalDate>> DaysReadAsync(MerchantAccount account, LocalDate first, LocalDate last, CancellationToken cancellation);

    /// <summary>Payments among these lines that a membership's cut-over lies before, and whose they are.</summary>
    Task<IReadOnlyList<(SubscriptionId Id, OldPayment Payment)>> AfterCutOverAsync(
        MerchantAccount account, IReadOnlyCollection<StatementLine> lines, CancellationToken cancellation);

    /// <summary>Payments of a membership among the lines that were kept; what went back whole is left out.</summary>
    Task<IReadOnlyList<OldPayment>> PaymentsOfAsync(MerchantAccount account, SubscriptionId id, CancellationToken cancellation);

    /// <summary>Forgets the lines of days before this one.</summary>
    Task EraseBeforeAsync(LocalDate day, CancellationToken cancellation);
}

/// <summary>The statement days that must be read before anybody who moved in renews.</summary>
internal sealed record MoveDays(LocalDate First, LocalDate Last);

/// <summary>What a statement calls a membership by.</summary>
/// <param name="Id">Which.</param>
/// <param name="Kind">What kind of name it is.</param>
/// <param name="Text">The name.</param>
/// <param name="CutOver">From then on a payment of somebody else's is one too many.</param>
internal sealed record MoveKey(SubscriptionId Id, MoveKeyKind Kind, string Text, Instant CutOver);

/// <summary>What kind of name it is.</summary>
internal enum MoveKeyKind
{
    /// <summary>The rail's id of the member, who may have several memberships.</summary>
    Payer = 0,

    /// <summary>The other system's number of an order: one membership's.</summary>
    Order = 1,
}
