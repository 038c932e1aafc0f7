using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>How far the feed was sent to each endpoint, and which events did not get there yet.</summary>
/// <remarks>
/// What was delivered leaves nothing behind: the cursor of the endpoint has passed it. Only what failed has a row, and what waits behind it: of a membership's
/// waiting events the first has a time for its next try, the others have none until it was delivered or given up. A row holds no event, only its place.
/// </remarks>
internal interface IWebhookStore
{
    /// <summary>Takes an endpoint for one host, or holds it longer.</summary>
    /// <param name="endpoint">Its name.</param>
    /// <param name="host">Whose it is then.</param>
    /// <param name="now">When.</param>
    /// <param name="until">After that another host may take it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The place of the feed that was sent last; an endpoint seen for the first time begins with what happens from then on. Null: another host has it.</returns>
    Task<long?> HoldAsync(string endpoint, Guid host, Instant now, Instant until, CancellationToken cancellation);

    /// <summary>Lets another host take it at once.</summary>
    Task LeaveAsync(string endpoint, Guid host, CancellationToken cancellation);

    /// <summary>Waiting events whose time has come, at most one of a membership.</summary>
    Task<IReadOnlyList<WaitingEvent>> DueAsync(string endpoint, Instant now, int limit, CancellationToken cancellation);

    /// <summary>Which of these memberships have waiting events.</summary>
    Task<IReadOnlySet<SubscriptionId>> WaitingOfAsync(string endpoint, IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation);

    /// <summary>Moves the cursor, and lets events wait that did not get there, in one step.</summary>
    /// <param name="endpoint">Its name.</param>
    /// <param name="host">Who has it.</param>
    /// <param name="from">Where the cursor was.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="waiting">What did not get there.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False: another host has it, or it is to be sent again from elsewhere; nothing was stored.</returns>
    Task<bool> AdvanceAsync(string endpoint, Guid host, long from, long to, IReadOnlyList<WaitingEvent> waiting, CancellationToken cancellation);

    /// <summary>Keeps what came of another try; where the event waits no more, the next of its membership is due now.</summary>
    /// <param name="tried">The event afterwards; null in <see cref="WaitingEvent.NextAt"/>: given up.</param>
    /// <param name="delivered">Whether it got there.</param>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="host">Who has it; another's word does not count.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellation">Gives up.</param>
    Task RecordAsync(string endpoint, Guid host, WaitingEvent tried, bool delivered, Instant now, CancellationToken cancellation);

    /// <summary>How it stands.</summary>
    Task<WebhookStand> StandAsync(string endpoint, CancellationToken cancellation);

    /// <summary>The first place of the feed whose event waits; null: none does.</summary>
    Task<long?> OldestAsync(string endpoint, CancellationToken cancellation);

    /// <summary>Events that were given up, in their order.</summary>
    Task<IReadOnlyList<DeadEvent>> DeadAsync(string endpoint, long after, int limit, CancellationToken cancellation);

    /// <summary>Lets an event that was given up wait again, due now, before what waits of its membership; and records who wanted it, in one step.</summary>
    /// <returns>False: there is no such event, and nothing was recorded.</returns>
    Task<bool> ReviveAsync(string endpoint, Guid id, PersonsWord word, CancellationToken cancellation);

    /// <summary>
    /// Sends everything from a place on again; what waits or was given up from there on is forgotten, because it comes again. Who wanted it is recorded in
    /// the same step.
    /// </summary>
    /// <returns>False: the endpoint is not as far as that, and nothing was changed: the cursor never goes forward but by sending.</returns>
    Task<bool> ReplayAsync(string endpoint, long from, PersonsWord word, CancellationToken cancellation);

    /// <summary>What persons had sent again to an endpoint, the newest first.</summary>
    /// <param name="endpoint">Its name.</param>
    /// <param name="before">Only what was recorded before this one; null: all.</param>
    /// <param name="limit">The most.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<WebhookAction>> ActionsAsync(string endpoint, Guid? before, int limit, CancellationToken cancellation);

    /// <summary>Forgets what was given up before, at any endpoint.</summary>
    /// <returns>How many.</returns>
    Task<int> EraseDeadAsync(Instant before, CancellationToken cancellation);
}

/// <summary>An event that did not get to an endpoint yet.</summary>
/// <param name="Sequence">Its place in the feed.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Membership">Whose.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="NextAt">When it is sent next; null: after the one before it.</param>
/// <param name="Answer">What came of the last try, in words of ours.</param>
internal sealed record WaitingEvent(long Sequence, Guid Id, SubscriptionId Membership, string Name, int Tries, Instant? NextAt, string Answer)
{
    /// <summary>An event that was not sent.</summary>
    public static WaitingEvent Unsent(FeedEvent e, Instant? nextAt) => new(e.Sequence, e.Id, e.Membership, e.Name, 0, nextAt, "");
}

/// <summary>An event that was given up.</summary>
/// <param name="Sequence">Its place in the feed.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Membership">Whose.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="At">When it was given up.</param>
/// <param name="Answer">What came of the last try.</param>
internal sealed record DeadEvent(long Sequence, Guid Id, SubscriptionId Membership, string Name, int Tries, Instant At, string Answer);

/// <summary>Who wants something done, when and why.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Why">In words.</param>
internal sealed record PersonsWord(Instant At, string By, string Why);

/// <summary>What a person had sent again; kept for ever.</summary>
/// <param name="Id">Its own id; later ones are greater.</param>
/// <param name="Kind">One event, or everything from a place on.</param>
/// <param name="Event">The event's id; null: everything from the place on.</param>
/// <param name="Sequence">Its place in the feed, or the first place.</param>
/// <param name="Word">Who, when and why.</param>
internal sealed record WebhookAction(Guid Id, WebhookActionKind Kind, Guid? Event, long Sequence, PersonsWord Word);

/// <summary>What a person can have sent again.</summary>
internal enum WebhookActionKind
{
    /// <summary>One event that was given up.</summary>
    Retry = 0,

    /// <summary>Everything from a place of the feed on.</summary>
    Replay = 1,
}

/// <summary>How it stands with an endpoint.</summary>
/// <param name="Cursor">The place of the feed that was sent last; null: nothing was ever sent there.</param>
/// <param name="Waiting">How many events wait.</param>
/// <param name="Dead">How many were given up.</param>
internal sealed record WebhookStand(long? Cursor, long Waiting, long Dead);
