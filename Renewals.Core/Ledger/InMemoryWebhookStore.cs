using NodaTime;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>For tests and simulations: nothing outlives the process.</summary>
internal sealed class InMemoryWebhookStore(IEventFeed feed) : IWebhookStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Endpoint> endpoints = [];

    public async Task<long?> HoldAsync(string endpoint, Guid host, Instant now, Instant until, CancellationToken cancellation)
    {
        var last = await feed.LastAsync(cancellation);
        lock (gate)
        {
            var mine = Of(endpoint);
            if (mine.Holder is { } other && other != host && mine.HeldUntil > now)
                return null;
            (mine.Holder, mine.HeldUntil) = (host, until);
            return mine.Cursor ??= last;
        }
    }

    public Task LeaveAsync(string endpoint, Guid host, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (Of(endpoint) is var mine && mine.Holder == host)
                mine.Holder = null;
            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyList<WaitingEvent>> DueAsync(string endpoint, Instant now, int limit, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<WaitingEvent>>([.. Of(endpoint).Waiting.Values.Where(e => e.NextAt <= now).OrderBy(e => e.NextAt).Take(limit)]);
    }

    public Task<IReadOnlySet<SubscriptionId>> WaitingOfAsync(string endpoint, IReadOnlyCollection<SubscriptionId> memberships, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlySet<SubscriptionId>>(Of(endpoint).Waiting.Values.Select(e => e.Membership).Where(memberships.Contains).ToHashSet());
    }

    public Task<bool> AdvanceAsync(string endpoint, Guid host, long from, long to, IReadOnlyList<WaitingEvent> waiting, CancellationToken cancellation)
    {
        lock (gate)
        {
            var mine = Of(endpoint);
            if (mine.Holder != host || mine.Cursor != from)
                return Task.FromResult(false);
            mine.Cursor = to;
            foreach (var e in waiting)
                mine.Waiting[e.Sequence] = e;
            return Task.FromResult(true);
        }
    }

    public Task RecordAsync(string endpoint, Guid host, WaitingEvent tried, bool delivered, Instant now, CancellationToken cancellation)
    {
        lock (gate)
        {
            var mine = Of(endpoint);
            if (mine.Holder != host || !mine.Waiting.Remove(tried.Sequence))
                return Task.CompletedTask;
            if (!delivered && tried.NextAt is not null)
            {
                mine.Waiting[tried.Sequence] = tried;
                return Task.CompletedTask;
            }

            if (!delivered)
                mine.Dead[tried.Sequence] = new(tried.Sequence, tried.Id, tried.Membership, tried.Name, tried.Tries, now, tried.Answer);
            if (mine.Waiting.Values.Where(e => e.Membership == tried.Membership).MinBy(e => e.Sequence) is { } next)
                mine.Waiting[next.Sequence] = next with { NextAt = now };
            return Task.CompletedTask;
        }
    }

    public Task<WebhookStand> StandAsync(string endpoint, CancellationToken cancellation)
    {
        lock (gate)
        {
            var mine = Of(endpoint);
            return Task.FromResult(new WebhookStand(mine.Cursor, mine.Waiting.Count, mine.Dead.Count));
        }
    }

    public Task<long?> OldestAsync(string endpoint, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<long?>(Of(endpoint).Waiting.Count > 0 ? Of(endpoint).Waiting.Keys.First() : null);
    }

    public Task<IReadOnlyList<DeadEvent>> DeadAsync(string endpoint, long after, int limit, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<DeadEvent>>([.. Of(endpoint).Dead.Values.Where(e => e.Sequence > after).Take(limit)]);
    }

    public Task<bool> ReviveAsync(string endpoint, Guid id, PersonsWord word, CancellationToken cancellation)
    {
        lock (gate)
        {
            var mine = Of(endpoint);
            if (mine.Dead.Values.FirstOrDefault(e => e.Id == id) is not { } dead)
                return Task.FromResult(false);
            mine.Dead.Remove(dead.Sequence);
            foreach (var behind in mine.Waiting.Values.Where(e => e.Membership == dead.Membership).ToList())
                mine.Waiting[behind.Sequence] = behind with { NextAt = null };
            mine.Waiting[dead.Sequence] = new(dead.Sequence, dead.Id, dead.Membership, dead.Name, 0, word.At, dead.Answer);
            mine.Actions.Add(new(PostgresWebhookStore.NewId(word), WebhookActionKind.Retry, dead.Id, dead.Sequence, word));
            return Task.FromResult(true);
        }
    }

    public Task<bool> ReplayAsync(string endpoint, long from, PersonsWord word, CancellationToken cancellation)
    {
        lock (gate)
        {
            var mine = Of(endpoint);
            if (mine.Cursor < from)
                return Task.FromResult(false);
            mine.Cursor = from - 1;
            foreach (var place in mine.Waiting.Keys.Concat(mine.Dead.Keys).Where(place => place >= from).ToList())
                _ = mine.Waiting.Remove(place) || mine.Dead.Remove(place);
            mine.Actions.Add(new(PostgresWebhookStore.NewId(word), WebhookActionKind.Replay, null, from, word));
            return Task.FromResult(true);
        }
    }

    public Task<IReadOnlyList<WebhookAction>> ActionsAsync(string endpoint, Guid? before, int limit, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<WebhookAction>>([.. Of(endpoint).Actions.Where(action => !(action.Id >= before)).OrderByDescending(action => action.Id).Take(limit)]);
    }

    public Task<int> EraseDeadAsync(Instant before, CancellationToken cancellation)
    {
        lock (gate)
        {
            var old = endpoints.Values.SelectMany(mine => mine.Dead.Values.Where(e => e.At < before).Select(e => (mine, e.Sequence))).ToList();
            foreach (var (mine, place) in old)
                mine.Dead.Remove(place);
            return Task.FromResult(old.Count);
        }
    }

    private Endpoint Of(string endpoint)
    {
        if (!endpoints.TryGetValue(endpoint, out var mine))
            endpoints[endpoint] = mine = new();
        return mine;
    }

    private sealed class Endpoint
    {
        public long? Cursor { get; set; }

        public Guid? Holder { get; set; }

        public Instant HeldUntil { get; set; }

        public SortedDictionary<long, WaitingEvent> Waiting { get; } = [];

        public SortedDictionary<long, DeadEvent> Dead { get; } = [];

        public List<WebhookAction> Actions { get; } = [];
    }
}
