using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Where streams and the book live. The only way to append an event.</summary>
/// <remarks>
/// Every writer takes the locks of its book rows first, in the order of their ids, and keeps them until its batch is committed or disposed.
/// The version of the stream is the second guard: an append to a stream that moved on is refused. Locks are taken in one order, so that nobody waits
/// in a circle: rows of the book, the account's row of charges, its row of outcomes, stops.
/// </remarks>
public interface ISubscriptionLedger
{
    /// <summary>Locks memberships whose alarm has rung and that nobody else holds or is carrying out.</summary>
    /// <param name="account">Only those of this merchant account.</param>
    /// <param name="now">Alarms up to this instant count.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<ILedgerBatch> ClaimDueAsync(MerchantAccount account, Instant now, int limit, CancellationToken cancellation);

    /// <summary>Locks named memberships, waiting for whoever holds them. An id without a stream has no row in the batch.</summary>
    Task<ILedgerBatch> OpenAsync(IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellation);

    /// <summary>Parks a membership that cannot be folded or decided, in a transaction of its own and without folding it.</summary>
    Task ParkUnreadableAsync(SubscriptionId id, string detail, Instant now, CancellationToken cancellation);

    /// <summary>A membership as its stream tells it, without a lock. Null: there is none.</summary>
    Task<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellation);

    /// <summary>An agreement as its stream tells it. Null: there is none.</summary>
    Task<Agreement?> FindAgreementAsync(AgreementId id, CancellationToken cancellation);

    /// <summary>Memberships of a member, newest first.</summary>
    /// <param name="member">The merchant's own name of the member.</param>
    /// <param name="account">Only at this merchant account; null: at every one there ever was.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<SubscriptionId>> FindOfMemberAsync(string member, MerchantAccount? account, CancellationToken cancellation);

    /// <summary>Memberships of these members at a merchant account that are being signed or renew, in no order.</summary>
    async Task<IReadOnlyList<RunningMembership>> FindRunningAsync(IReadOnlyCollection<string> members, MerchantAccount account, CancellationToken cancellation)
    {
        List<RunningMembership> running = [];
        foreach (var member in members)
        {
            foreach (var id in await FindOfMemberAsync(member, account, cancellation))
            {
                if (await FindAsync(id, cancellation) is { Status: SubscriptionStatus.Signing or SubscriptionStatus.Active } found)
                    running.Add(new(member, id, found.Agreement.Template));
            }
        }

        return running;
    }

    /// <summary>A membership's events in order, with their versions.</summary>
    Task<IReadOnlyList<SubscriptionEvent>> ReadEventsAsync(SubscriptionId id, CancellationToken cancellation);

    /// <summary>Money that our events say was taken or given back, by the rail's own time of it, in the order in which it was stored.</summary>
    /// <param name="account">Only of memberships at this merchant account.</param>
    /// <param name="from">From this time of the rail …</param>
    /// <param name="until">… to here, exclusive.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <remarks>Read as it is asked for. What is stored later than it was paid is found however much later that was.</remarks>
    IAsyncEnumerable<LedgerMovement> ReadMovementsAsync(MerchantAccount account, Instant from, Instant until, CancellationToken cancellation);

    /// <summary>
    /// Memberships with an order or a refund that was requested in this time and of which no event says that it was paid, declined, done or not taken.
    /// </summary>
    /// <inheritdoc cref="ReadMovementsAsync"/>
    /// <remarks>Whether it is still in flight is said by the membership itself: it may have been given up without being sent.</remarks>
    IAsyncEnumerable<SubscriptionId> ReadUnconcludedAsync(MerchantAccount account, Instant from, Instant until, CancellationToken cancellation);

    /// <summary>Memberships of an account as the book has them, in the order of their ids.</summary>
    /// <remarks>Read a page at a time, each of one moment, while the engine goes on. One that cannot be read is left out: it is parked.</remarks>
    IAsyncEnumerable<Subscription> ReadMembershipsAsync(MerchantAccount account, CancellationToken cancellation);

    /// <summary>When the first event of all was decided; null: there is none.</summary>
    Task<Instant?> FirstEventAtAsync(CancellationToken cancellation);

    /// <summary>The earliest alarm of any membership that is not being carried out; null: nothing to do, ever.</summary>
    Task<Instant?> NextAlarmAsync(CancellationToken cancellation);

    /// <summary>Folds streams again and compares them with the book.</summary>
    /// <returns>One sentence for each difference; empty when the book equals the fold.</returns>
    Task<IReadOnlyList<string>> VerifyBookAsync(CancellationToken cancellation);
}

/// <summary>Locked rows of the book, and the writes that will be committed with them: events and rows in one transaction.</summary>
public interface ILedgerBatch : IAsyncDisposable
{
    /// <summary>The locked rows, in the order of their ids.</summary>
    IReadOnlyList<LockedRow> Rows { get; }

    /// <summary>Agreements as their streams tell them.</summary>
    Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadAgreementsAsync(IReadOnlyCollection<AgreementId> ids, CancellationToken cancellation);

    /// <summary>Will write these events and the row they lead to.</summary>
    /// <param name="before">The version the events were decided at; 0 for a new stream.</param>
    /// <param name="events">What was decided; may be empty to change only the claim.</param>
    /// <param name="after">The membership after them.</param>
    /// <param name="claimedUntil">Until then nobody else claims the row, because it is being carried out; null: released.</param>
    void Write(long before, IReadOnlyList<SubscriptionEvent> events, Subscription after, Instant? claimedUntil);

    /// <summary>Will append these events to an agreement.</summary>
    /// <param name="agreement">Which.</param>
    /// <param name="before">The version the events were decided at; 0 for a new stream.</param>
    /// <param name="events">What was decided.</param>
    void WriteAgreement(AgreementId agreement, long before, IReadOnlyList<AgreementEvent> events);

    /// <summary>Locks the account's row of charges, which all hosts share, until the batch ends. The rows of the book are locked before.</summary>
    /// <param name="account">Which account.</param>
    /// <param name="asking">The memberships that would be charged.</param>
    /// <param name="now">A minute that begins with it gets its forecast: how many alarms ring before it is over.</param>
    /// <param name="most">A greater forecast is of no use.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<AccountGuard> LockAccountAsync(
        MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, int most, CancellationToken cancellation);

    /// <summary>Will write what charging leaves of the account's row; only after <see cref="LockAccountAsync"/>.</summary>
    /// <param name="account">Which account.</param>
    /// <param name="leave">The counters, and the fuses that blew.</param>
    /// <param name="held">Memberships whose charge waits for a person, and until when their rows are left alone unless charging goes on before.</param>
    void WriteAccount(MerchantAccount account, ChargeLeave leave, IReadOnlyList<HeldCharge> held);

    /// <summary>Will count what was heard of orders, last of all, and blow the fuses that follow.</summary>
    void Hear(MerchantAccount account, AccountNews news, FuseLimits limits, Instant now);

    /// <summary>After the commit: the fuses it blew. One that had blown before is not among them.</summary>
    IReadOnlyList<ChargeStop> Blown { get; }

    /// <summary>Commits everything or nothing.</summary>
    /// <exception cref="LedgerConflictException">Somebody else was first; nothing was stored.</exception>
    /// <exception cref="CommitUnknownException">The reply was lost: it may be stored or not. Nothing may be called after this.</exception>
    Task CommitAsync(CancellationToken cancellation);
}

/// <summary>A membership that is being signed or renews.</summary>
/// <param name="Member">Whose.</param>
/// <param name="Id">Which.</param>
/// <param name="Template">The rail's template of its agreement.</param>
public readonly record struct RunningMembership(string Member, SubscriptionId Id, string Template);

/// <summary>A membership whose charge is due and stopped.</summary>
/// <param name="Id">Which.</param>
/// <param name="Until">Its row is left alone until then: something else is due, the window closes, or it is time to look again.</param>
public readonly record struct HeldCharge(SubscriptionId Id, Instant Until);

/// <summary>A locked row of the book.</summary>
/// <param name="Id">Which membership.</param>
/// <param name="State">The membership; null when it cannot be read.</param>
/// <param name="Fault">Why it cannot be read.</param>
public sealed record LockedRow(SubscriptionId Id, Subscription? State, Exception? Fault);

/// <summary>Somebody else was first; nothing was stored. Read again and decide again.</summary>
public sealed class LedgerConflictException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The reply to a commit was lost: it may be stored or not.</summary>
public sealed class CommitUnknownException(string message, Exception? inner = null) : Exception(message, inner);
