using NodaTime;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>The ledger without a database, for tests and simulations: the same contract, nothing outlives the process.</summary>
public sealed partial class InMemoryLedger : ISubscriptionLedger
{
    private readonly Lock gate = new();
    private readonly Dictionary<SubscriptionId, Entry> book = [];
    private readonly Dictionary<SubscriptionId, List<SubscriptionEvent>> streams = [];
    private readonly Dictionary<AgreementId, List<AgreementEvent>> agreements = [];
    private readonly HashSet<Guid> eventIds = [];

    /// <summary>Runs after each commit was stored and before its reply reaches the caller; a test loses the reply here.</summary>
    internal Action? AfterCommit { get; set; }

    /// <summary>True: states are kept as they were committed, and written as text only when the book is read.</summary>
    internal bool CarriesStates { get; init; }

    /// <inheritdoc/>
    public Task<ILedgerBatch> ClaimDueAsync(MerchantAccount account, Instant now, int limit, CancellationToken cancellation)
    {
        lock (gate)
        {
            var ticks = now.ToUnixTimeTicks();
            var due = book.Values
                .Where(e => e.Row.Alarm <= ticks && !e.Locked && (e.ClaimedUntil is not { } until || until <= ticks) && e.Row.Account == account)
                .OrderBy(e => e.Row.Alarm).ThenBy(e => e.Row.Id.Value).Take(limit).OrderBy(e => e.Row.Id.Value).ToList();
            due.ForEach(entry => entry.Locked = true);
            return Task.FromResult<ILedgerBatch>(new Batch(this, due));
        }
    }

    /// <inheritdoc/>
    public async Task<ILedgerBatch> OpenAsync(IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellation)
    {
        List<Entry> held = [];
        foreach (var id in ids.Distinct().OrderBy(id => id.Value))
        {
            while (!TryLock(id, held))
            {
                if (cancellation.IsCancellationRequested)
                {
                    Release(held);
                    throw new OperationCanceledException(cancellation);
                }

                await Task.Yield();
            }
        }

        return new Batch(this, held);
    }

    /// <inheritdoc/>
    public async Task ParkUnreadableAsync(SubscriptionId id, string detail, Instant now, CancellationToken cancellation)
    {
        await using var batch = await OpenAsync([id], cancellation);
        lock (gate)
        {
            if (!book.TryGetValue(id, out var entry))
                return;
            var stream = streams.GetValueOrDefault(id);
            if (entry.Row is { Alarm: null, Parked: not null } && entry.StateVersion == 0 && entry.Row.Version == (stream?.Count ?? 0))
                return;
            if (stream is not null)
                Append(id, [new Parked(ParkReason.Fault, detail, now)]);
            entry.Row = entry.Row with { Alarm = null, Parked = ParkReason.Fault, Version = stream?.Count ?? 0 };
            entry.ClaimedUntil = null;
            entry.StateVersion = 0;
        }
    }

    /// <inheritdoc/>
    public async Task<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellation) =>
        Evolve.All(null, await ReadEventsAsync(id, cancellation));

    /// <inheritdoc/>
    public Task<Agreement?> FindAgreementAsync(AgreementId id, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult(Fold(id));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SubscriptionId>> FindOfMemberAsync(string member, MerchantAccount? account, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<SubscriptionId>>(
                [.. book.Values.Where(e => e.Row.Member == member && (account is null || e.Row.Account == account))
                    .OrderByDescending(e => Evolve.Next(null, streams[e.Row.Id][0]).SignBy).ThenBy(e => e.Row.Id.Value).Select(e => e.Row.Id)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SubscriptionEvent>> ReadEventsAsync(SubscriptionId id, CancellationToken cancellation)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<SubscriptionEvent>>(streams.TryGetValue(id, out var events) ? [.. events] : []);
    }

    /// <inheritdoc/>
    public Task<Instant?> NextAlarmAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            var next = book.Values.Where(e => e.Row.Alarm is not null).Min(e => (long?)Math.Max(e.Row.Alarm!.Value, e.ClaimedUntil ?? 0));
            return Task.FromResult(next is { } ticks ? Instant.FromUnixTimeTicks(ticks) : (Instant?)null);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> VerifyBookAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<string>>(
                [.. book.Values.Where(e => e.StateVersion != 0).Select(Difference).OfType<string>(),
                .. streams.Where(s => s.Value.Count > 0 && !book.ContainsKey(s.Key)).Select(s => $"{s.Key}: there is a stream, but the book has no row")]);
        }
    }

    /// <summary>A test spoils a row here, or removes it by answering null.</summary>
    internal void Spoil(SubscriptionId id, Func<BookRow, BookRow?> change)
    {
        lock (gate)
        {
            if (change(book[id].Row) is { } row)
                book[id].Row = row;
            else
                book.Remove(id);
        }
    }

    /// <summary>A test makes a stream unreadable here: its first event is gone.</summary>
    internal void SpoilStream(SubscriptionId id)
    {
        lock (gate)
            streams[id][0] = new Unparked("nobody", "spoilt", default);
    }

    private string? Difference(Entry entry)
    {
        try
        {
            return Evolve.All(null, streams.GetValueOrDefault(entry.Row.Id) ?? []) is { } state
                ? Written(entry).DifferenceFrom(BookRow.Of(state))
                : $"{entry.Row.Id}: the book has a row, but there is no stream";
        }
        catch (InvalidOperationException e)
        {
            return $"{entry.Row.Id}: the stream cannot be folded: {e.Message}";
        }
    }

    private static BookRow Written(Entry entry) =>
        entry is { Row.State.Length: 0, Carried: { } state } ? entry.Row with { State = LedgerJson.WriteState(state) } : entry.Row;

    private void Release(List<Entry> held)
    {
        lock (gate)
        {
            held.ForEach(entry => entry.Locked = false);

            // Once only: a lock given back may be somebody else's by now.
            held.Clear();
        }
    }

    private bool TryLock(SubscriptionId id, List<Entry> held)
    {
        lock (gate)
        {
            if (!book.TryGetValue(id, out var entry))
                return true;
            if (entry.Locked)
                return false;
            entry.Locked = true;
            held.Add(entry);
            return true;
        }
    }

    private Agreement? Fold(AgreementId id) =>
        agreements.TryGetValue(id, out var events) ? events.Aggregate((Agreement?)null, (state, e) => EvolveAgreement.Next(state, e)) : null;

    private sealed class Entry(BookRow row)
    {
        public BookRow Row { get; set; } = row;

        public long? ClaimedUntil { get; set; }

        public int StateVersion { get; set; } = LedgerJson.StateVersion;

        public bool Locked { get; set; }

        public Subscription? Carried { get; set; }

        public Entry Unlocked() => new(Row) { ClaimedUntil = ClaimedUntil, StateVersion = StateVersion, Carried = Carried };
    }

    private sealed partial class Batch(InMemoryLedger ledger, List<Entry> held) : ILedgerBatch
    {
        private readonly List<(long Before, IReadOnlyList<SubscriptionEvent> Events, BookWrite Write, Subscription After)> writes = [];
        private readonly List<(AgreementId Id, long Before, IReadOnlyList<AgreementEvent> Events)> agreementWrites = [];

        public IReadOnlyList<LockedRow> Rows { get; } = [.. held.Select(entry => Read(ledger, entry))];

        public Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadAgreementsAsync(IReadOnlyCollection<AgreementId> ids, CancellationToken cancellation)
        {
            lock (ledger.gate)
            {
                return Task.FromResult<IReadOnlyDictionary<AgreementId, Agreement>>(
                    ids.Distinct().Where(ledger.agreements.ContainsKey).ToDictionary(id => id, id => ledger.Fold(id)!));
            }
        }

        public void Write(long before, IReadOnlyList<SubscriptionEvent> events, Subscription after, Instant? claimedUntil) =>
            writes.Add((before, events, new(ledger.CarriesStates ? BookRow.Of(after, []) : BookRow.Of(after), before, claimedUntil is { } until ? BookRow.Ticks(until) : null), after));

        public void WriteAgreement(AgreementId agreement, long before, IReadOnlyList<AgreementEvent> events) => agreementWrites.Add((agreement, before, events));

        public Task CommitAsync(CancellationToken cancellation)
        {
            lock (ledger.gate)
            {
                var ids = CheckedIds();
                foreach (var (_, events, write, after) in writes)
                    Store(events, write).Carried = ledger.CarriesStates ? after : null;
                foreach (var (id, _, events) in agreementWrites)
                    Stream(ledger.agreements, id).AddRange(events);
                ledger.eventIds.UnionWith(ids);
                StoreFuses();
            }

            try
            {
                ledger.AfterCommit?.Invoke();
            }
            catch (Exception e)
            {
                throw new CommitUnknownException("The reply to a commit was lost; it may be stored or not.", e);
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            ledger.Release(held);
            ReleaseAccount();
            return ValueTask.CompletedTask;
        }

        internal static LockedRow Read(InMemoryLedger ledger, Entry entry)
        {
            try
            {
                var carried = entry.Carried is { } state && state.Version == entry.Row.Version ? state : null;
                return new(entry.Row.Id, carried ?? LedgerJson.UsableState(entry.StateVersion, entry.Row.Version, entry.Row.State) ?? Evolve.All(null, ledger.streams[entry.Row.Id]), null);
            }
            catch (Exception e)
            {
                return new(entry.Row.Id, null, e);
            }
        }

        private HashSet<Guid> CheckedIds()
        {
            HashSet<Guid> ids = [];
            foreach (var (before, events, write, _) in writes)
            {
                if (Stream(ledger.streams, write.Row.Id).Count != before || (before == 0 && Collides(write.Row)))
                    throw new LedgerConflictException($"Subscription {write.Row.Id} is not at version {before}.");
                for (var i = 0; i < events.Count; i++)
                    Claim(ids, EventIds.Of(write.Row.Id, events[i], before + i + 1));
            }

            foreach (var (id, before, events) in agreementWrites)
            {
                if (Stream(ledger.agreements, id).Count != before)
                    throw new LedgerConflictException($"Agreement {id} is not at version {before}.");
                for (var i = 0; i < events.Count; i++)
                    Claim(ids, EventIds.Of(id, before + i + 1));
            }

            return ids;
        }

        private bool Collides(BookRow row) =>
            ledger.book.Values.Any(e => e.Row.Agreement == row.Agreement || (row.SigningKey is not null && e.Row.SigningKey == row.SigningKey));

        private void Claim(HashSet<Guid> ids, Guid id)
        {
            if (ledger.eventIds.Contains(id) || !ids.Add(id))
                throw new LedgerConflictException($"Event {id} is stored already.");
        }

        private Entry Store(IReadOnlyList<SubscriptionEvent> events, BookWrite write)
        {
            ledger.Append(write.Row.Id, events);
            if (!ledger.book.TryGetValue(write.Row.Id, out var entry))
                ledger.book[write.Row.Id] = entry = new(write.Row);
            entry.Row = write.Row;
            entry.ClaimedUntil = write.ClaimedUntil;
            entry.StateVersion = LedgerJson.StateVersion;
            return entry;
        }

        private static List<TEvent> Stream<TKey, TEvent>(Dictionary<TKey, List<TEvent>> streams, TKey id)
            where TKey : notnull
        {
            if (!streams.TryGetValue(id, out var stream))
                streams[id] = stream = [];
            return stream;
        }
    }
}
