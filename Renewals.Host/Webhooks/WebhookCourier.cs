using System.Collections.Concurrent;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;

namespace Renewals.Host.Webhooks;

/// <summary>Brings the feed to one endpoint: the events of a membership one after another, those of different memberships side by side.</summary>
/// <remarks>
/// What got there is known when the cursor is stored. A host that dies before that sends the same events again, under the same ids. Of all hosts one
/// brings at a time; it starts nothing that could outlast its hold.
/// </remarks>
internal sealed class WebhookCourier(
    WebhookEndpoint endpoint, WebhookSettings bounds, WebhookSender sender, IEventFeed feed, IWebhookStore store, EngineClock clock, ILogger logger) : IDisposable
{
    /// <summary>The most events a round takes from the feed, and the most it tries again.</summary>
    public const int Batch = 100;

    /// <summary>How long a host holds an endpoint after a round began.</summary>
    public static readonly Duration HoldFor = Duration.FromMinutes(2);

    /// <summary>How long no new events are read after a round in which nothing got there: what waits is still tried at its time.</summary>
    public static readonly Duration RestFor = Duration.FromMinutes(1);

    // Time to store what came of the last call.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly Guid host = Guid.CreateVersion7();
    private Instant restUntil = Instant.MinValue;

    /// <summary>The endpoint's name.</summary>
    public string Name => endpoint.Name;

    /// <summary>Brings what is due, once.</summary>
    /// <param name="stopping">Starts nothing more; calls under way are waited for.</param>
    /// <returns>Whether there is more to do at once.</returns>
    public async Task<bool> RunAsync(CancellationToken stopping)
    {
        var (round, now) = (new Round(clock.Stamp(), stopping), clock.Now);
        if (await store.HoldAsync(Name, host, now, now + HoldFor, CancellationToken.None) is not { } cursor)
            return false;
        var more = await TryAgainAsync(round);
        if (now >= restUntil || round.Delivered > 0)
            more |= await GoOnAsync(cursor, round);
        if (round is { Failed: > 0, Delivered: 0 })
            Rest();
        else if (round.Delivered > 0)
            restUntil = Instant.MinValue;
        return more;
    }

    /// <summary>Lets another host take over at once.</summary>
    public Task LeaveAsync() => store.LeaveAsync(Name, host, CancellationToken.None);

    public void Dispose() => sender.Dispose();

    private async Task<bool> TryAgainAsync(Round round)
    {
        var due = await store.DueAsync(Name, clock.Now, Batch, CancellationToken.None);
        if (due.Count == 0)
            return false;
        var events = (await feed.FindAsync([.. due.Select(e => e.Sequence)], CancellationToken.None)).ToDictionary(e => e.Sequence);
        await EachAsync(due.OrderBy(e => e.Sequence).GroupBy(e => e.Membership), async group =>
        {
            foreach (var waiting in group)
            {
                if (!MayStart(round) || !await TryAgainAsync(waiting, events.GetValueOrDefault(waiting.Sequence), round))
                    return;
            }
        });

        // What waits behind an event that got there is due now.
        return round.Delivered > 0;
    }

    private async Task<bool> TryAgainAsync(WaitingEvent waiting, FeedEvent? e, Round round)
    {
        var (delivered, answer) = e is null ? (false, "the event is not in the ledger") : await SendAsync(e, round);
        var tries = waiting.Tries + 1;
        var tried = waiting with { Tries = tries, Answer = answer, NextAt = e is null ? null : WebhookSchedule.NextAfter(waiting.Id, tries, clock.Now) };
        await store.RecordAsync(Name, host, tried, delivered, clock.Now, CancellationToken.None);
        if (!delivered && tried.NextAt is null)
            WebhookLog.GivenUp(logger, waiting.Sequence, waiting.Membership.ToString(), Name, tries, answer);
        return delivered;
    }

    private async Task<bool> GoOnAsync(long cursor, Round round)
    {
        var page = await feed.ReadAsync(cursor, Batch, CancellationToken.None);
        if (page.Count == 0 || !await HasRoomAsync() || !MayStart(round))
            return false;
        var wanted = page.Where(endpoint.Wants).GroupBy(e => e.Membership).ToList();
        var blocked = await store.WaitingOfAsync(Name, [.. wanted.Select(group => group.Key)], CancellationToken.None);
        ConcurrentBag<WaitingEvent> waiting = [];
        await EachAsync(wanted, async group =>
        {
            foreach (var e in blocked.Contains(group.Key) ? group.Select(e => WaitingEvent.Unsent(e, null)) : await SendInOrderAsync([.. group], round))
                waiting.Add(e);
        });
        if (!await store.AdvanceAsync(Name, host, cursor, page[^1].Sequence, [.. waiting.OrderBy(e => e.Sequence)], CancellationToken.None))
            WebhookLog.Elsewhere(logger, Name, cursor);
        return page.Count == Batch && (round.Failed == 0 || round.Delivered > 0);
    }

    private async Task<bool> HasRoomAsync()
    {
        var stand = await store.StandAsync(Name, CancellationToken.None);
        if (stand.Waiting < bounds.MaxWaiting)
            return true;
        WebhookLog.Full(logger, Name, stand.Waiting);
        return false;
    }

    // An event is not sent before the one before it got there or was given up: the rest waits behind the first that did not.
    private async Task<IEnumerable<WaitingEvent>> SendInOrderAsync(IReadOnlyList<FeedEvent> events, Round round)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            if (!MayStart(round))
                return Behind(WaitingEvent.Unsent(e, clock.Now), i);
            var (delivered, answer) = await SendAsync(e, round);
            if (!delivered)
                return Behind(WaitingEvent.Unsent(e, WebhookSchedule.NextAfter(e.Id, 1, clock.Now)) with { Tries = 1, Answer = answer }, i);
        }

        return [];

        IEnumerable<WaitingEvent> Behind(WaitingEvent first, int at) => events.Skip(at + 1).Select(e => WaitingEvent.Unsent(e, null)).Prepend(first);
    }

    private async Task<(bool Delivered, string Answer)> SendAsync(FeedEvent e, Round round)
    {
        var said = await sender.SendAsync(e, CancellationToken.None);
        if (said.Delivered)
            round.CountDelivered();
        else
            round.CountFailed();
        return said;
    }

    private void Rest()
    {
        if (restUntil == Instant.MinValue)
            WebhookLog.Resting(logger, Name);
        restUntil = clock.Now + RestFor;
    }

    private bool MayStart(Round round) =>
        !round.Stopping.IsCancellationRequested && clock.Since(round.Began) < HoldFor.ToTimeSpan() - bounds.Timeout - Margin;

    private Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> act) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = bounds.Concurrency }, async (item, _) => await act(item));

    private sealed class Round(long began, CancellationToken stopping)
    {
        private int delivered;
        private int failed;

        public long Began => began;

        public CancellationToken Stopping => stopping;

        public int Delivered => Volatile.Read(ref delivered);

        public int Failed => Volatile.Read(ref failed);

        public void CountDelivered() => Interlocked.Increment(ref delivered);

        public void CountFailed() => Interlocked.Increment(ref failed);
    }
}

/// <summary>What is logged of webhooks. Never what an endpoint wrote, and never its address, which may hold a secret.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(2010, LogLevel.Warning, "Event {Sequence} of membership {Membership} was given up at endpoint {Endpoint} after {Tries} tries: {Answer}")]
    public static partial void GivenUp(ILogger logger, long sequence, string membership, string endpoint, int tries, string answer);

    [LoggerMessage(2011, LogLevel.Warning, "Nothing gets to endpoint {Endpoint}; what waits is tried again at its time")]
    public static partial void Resting(ILogger logger, string endpoint);

    [LoggerMessage(2012, LogLevel.Information, "Endpoint {Endpoint} goes on from another place than {Cursor}, or at another host")]
    public static partial void Elsewhere(ILogger logger, string endpoint, long cursor);

    [LoggerMessage(2013, LogLevel.Warning, "{Waiting} events wait for endpoint {Endpoint}, and no more are read for it until some got there or were given up")]
    public static partial void Full(ILogger logger, string endpoint, long waiting);

    [LoggerMessage(2014, LogLevel.Error, "Webhooks could not be served, and it is tried again; endpoint {Endpoint}")]
    public static partial void Fault(ILogger logger, Exception exception, string endpoint);

    [LoggerMessage(2015, LogLevel.Information, "{By} sends event {Id} to endpoint {Endpoint} again: {Why}")]
    public static partial void Revived(ILogger logger, string by, Guid id, string endpoint, string why);

    [LoggerMessage(2016, LogLevel.Information, "{By} sends everything from place {From} on to endpoint {Endpoint} again: {Why}")]
    public static partial void Replayed(ILogger logger, string by, long from, string endpoint, string why);
}
