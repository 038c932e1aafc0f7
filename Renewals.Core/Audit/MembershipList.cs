using NodaTime;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Audit;

/// <summary>Finds memberships for people and programs, a page at a time, in the order of their ids. It locks nothing.</summary>
/// <remarks>A page begins after the last id of the one before, so that what is signed or changed meanwhile moves nothing on later pages.</remarks>
public sealed class MembershipList
{
    /// <summary>The most memberships of a page.</summary>
    public const int MostAtOnce = 200;

    private readonly IBookLists book;

    internal MembershipList(IBookLists book) => this.book = book;

    /// <summary>Reads a page.</summary>
    /// <param name="filter">Which memberships.</param>
    /// <param name="after">The last id of the page before; null: the first page.</param>
    /// <param name="limit">How many, 1 to <see cref="MostAtOnce"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LedgerUnavailableException">The book is too large for this filter; a member or an account narrows it.</exception>
    public async Task<MembershipPage> ReadAsync(MembershipFilter filter, SubscriptionId? after, int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostAtOnce);

        // One more than is asked for says whether there is another page.
        var found = await book.ListAsync(filter, after, limit + 1, cancellation);
        return found.Count <= limit ? new(found, null) : new([.. found.Take(limit)], found[limit - 1].Id);
    }

    /// <summary>How many there are at this moment.</summary>
    /// <param name="filter">Which memberships; none that cannot be read is found by its plan.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The number; null: counting them would take more than a few seconds, and was left.</returns>
    public Task<long?> CountAsync(MembershipFilter filter, CancellationToken cancellation = default) => book.CountAsync(filter, cancellation);
}

/// <summary>Which memberships are looked for; what is null does not matter.</summary>
public sealed record MembershipFilter
{
    /// <summary>The membership itself.</summary>
    public SubscriptionId? Id { get; init; }

    /// <summary>The merchant's own name of the member, whole.</summary>
    public string? Member { get; init; }

    /// <summary>Where they are charged.</summary>
    public MerchantAccount? Account { get; init; }

    /// <summary>Where they stand.</summary>
    public SubscriptionStatus? Status { get; init; }

    /// <summary>The plan they have now.</summary>
    public string? Plan { get; init; }

    /// <summary>True: only those that wait for a person. False, the default: all.</summary>
    public bool ParkedOnly { get; init; }

    /// <summary>Why they wait for a person.</summary>
    public ParkReason? Parked { get; init; }
}

/// <summary>A page of memberships.</summary>
/// <param name="Entries">In the order of their ids.</param>
/// <param name="Next">The next page begins after this one; null: there is none.</param>
public sealed record MembershipPage(IReadOnlyList<MembershipEntry> Entries, SubscriptionId? Next);

/// <summary>A membership as the book has it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Account">Where it is charged.</param>
/// <param name="Member">The merchant's own name of the member.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Parked">Why a person must look; null when nobody must.</param>
/// <param name="Alarm">Its earliest duty; null: none.</param>
/// <param name="Version">The stream's version.</param>
/// <param name="Membership">All of it; null: it cannot be read, and is parked for that.</param>
public sealed record MembershipEntry(
    SubscriptionId Id, MerchantAccount Account, string Member, SubscriptionStatus Status, ParkReason? Parked, Instant? Alarm, long Version, Subscription? Membership);
