using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Looks at many memberships at once, for people: nothing is locked, and what is read at once is bounded.</summary>
internal interface IBookLists
{
    /// <summary>How every merchant account stands.</summary>
    Task<IReadOnlyList<AccountStatus>> CountAsync(Instant now, CancellationToken cancellation);

    /// <summary>How many memberships have no row in the book, or one that is not at their stream's version. Every row is looked at.</summary>
    Task<long> CountBehindAsync(CancellationToken cancellation);

    /// <summary>How many memberships are like that; null: it would take long to say.</summary>
    Task<long?> CountAsync(MembershipFilter filter, CancellationToken cancellation);

    /// <summary>Memberships in the order of their ids.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">Only those after this one; null: from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<MembershipEntry>> ListAsync(MembershipFilter filter, SubscriptionId? after, int limit, CancellationToken cancellation);

    /// <summary>Memberships of which a decline was heard since, each with all its events that tell what became of its charges.</summary>
    /// <remarks>Read as it is asked for: memory is bounded by one membership.</remarks>
    IAsyncEnumerable<DeclinedStream> ReadDeclinedAsync(Instant since, CancellationToken cancellation);

    /// <summary>When these agreements end at the rail by themselves; those that do not, or later than <paramref name="before"/>, are left out.</summary>
    Task<IReadOnlyDictionary<AgreementId, Instant>> ExpiriesAsync(IReadOnlyCollection<AgreementId> agreements, Instant before, CancellationToken cancellation);
}

/// <summary>A membership with a decline.</summary>
/// <param name="Id">Which.</param>
/// <param name="Account">Where it is charged.</param>
/// <param name="Events">Its events of the kinds in <see cref="DunningCase.Tells"/>, in order.</param>
internal sealed record DeclinedStream(SubscriptionId Id, MerchantAccount Account, IReadOnlyList<SubscriptionEvent> Events);
