using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>What a merchant's own code asks of the engine for one membership.</summary>
public sealed partial class Memberships
{
    private readonly ISubscriptionLedger ledger;
    private readonly OutcomeDoor door;
    private readonly SignDesk desk;
    private readonly BackupDesk backups;
    private readonly WishDesk wishes;
    private long? ifVersion;

    internal Memberships(ISubscriptionLedger ledger, OutcomeDoor door, SignDesk desk, BackupDesk backups, WishDesk wishes) =>
        (this.ledger, this.door, this.desk, this.backups, this.wishes) = (ledger, door, desk, backups, wishes);

    /// <summary>The same, for who has seen a membership at a version and wants nothing of it at another.</summary>
    /// <param name="version">How many events it had, <see cref="Subscription.Version"/>; what is asked of it at another one throws <see cref="MembershipMovedException"/>.</param>
    public Memberships At(long version) => new(ledger, door, desk, backups, wishes.At(version)) { ifVersion = version };

    /// <summary>Sends a member to the rail to sign.</summary>
    /// <exception cref="CannotSignException">The plan is unknown, not sold at this account, or leaves no lawful day to renew.</exception>
    /// <exception cref="CannotDoException">The member is signing something else on this template: other terms, another start or consent.</exception>
    public Task<SignResult> SignAsync(SignRequest request, CancellationToken cancellation = default) => desk.SignAsync(request, cancellation);

    /// <summary>Stops renewal; what is paid runs on unless <paramref name="atOnce"/>. Stopping twice is no error.</summary>
    /// <param name="id">Whose membership.</param>
    /// <param name="why">In words; kept.</param>
    /// <param name="atOnce">True: it ends now.</param>
    /// <param name="by">In whose place it is asked for.</param>
    /// <param name="askedBy">Who asks, by name; null: it is not known.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The membership afterwards; null: there is none.</returns>
    public Task<Subscription?> CancelAsync(
        SubscriptionId id, string why, bool atOnce = false, CancelledBy by = CancelledBy.Member, string? askedBy = null, CancellationToken cancellation = default) =>
        CommandAsync(id, new SubscriptionCommand.Cancel(by, why, atOnce) { AskedBy = askedBy }, cancellation);

    /// <summary>Lets a person look before anything is announced or charged.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, string, bool, CancelledBy, string?, CancellationToken)"/>
    public Task<Subscription?> ParkAsync(SubscriptionId id, string by, string why, CancellationToken cancellation = default) =>
        CommandAsync(id, new SubscriptionCommand.Park(ParkReason.Requested, $"{by}: {why}"), cancellation);

    /// <summary>A person looked.</summary>
    /// <inheritdoc cref="CancelAsync(SubscriptionId, string, bool, CancelledBy, string?, CancellationToken)"/>
    public Task<Subscription?> UnparkAsync(SubscriptionId id, string by, string why, CancellationToken cancellation = default) =>
        CommandAsync(id, new SubscriptionCommand.Unpark(by, why), cancellation);

    /// <summary>A membership as its events tell it; null: there is none.</summary>
    public Task<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellation = default) => ledger.FindAsync(id, cancellation);

    /// <summary>Everything that happened to a membership, in order; empty: there is none.</summary>
    public Task<IReadOnlyList<SubscriptionEvent>> HistoryAsync(SubscriptionId id, CancellationToken cancellation = default) =>
        ledger.ReadEventsAsync(id, cancellation);

    private async Task<Subscription?> CommandAsync(SubscriptionId id, SubscriptionCommand command, CancellationToken cancellation)
    {
        if (await ledger.FindAsync(id, cancellation) is not { } subscription)
            return null;
        var expected = ifVersion is { } version ? new ExpectedVersion(version) : null;
        if (!await door.RecordAsync(subscription.Account, [new Outcome.OfSubscription(id, command) { If = expected }], null, cancellation))
            throw new CommitUnknownException("It was not confirmed; look at the membership, or ask again: asking twice is no error.");
        if (expected is { HasMoved: true })
            throw new MembershipMovedException();
        return await ledger.FindAsync(id, cancellation);
    }
}
