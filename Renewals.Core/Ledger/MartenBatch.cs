using JasperFx;
using JasperFx.Events;
using Marten;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>One transaction: locked rows of the book, then appends and row writes, then the commit.</summary>
internal sealed class MartenBatch(MartenLedger ledger, NpgsqlConnection connection, NpgsqlTransaction transaction) : ILedgerBatch
{
    private readonly List<BookWrite> inserts = [];
    private readonly List<BookWrite> updates = [];
    private readonly List<StreamAppend> appends = [];
    private readonly List<Subscription> carried = [];
    private readonly List<ChargeStop> blown = [];
    private Func<CancellationToken, Task>? writeCharges;
    private Func<CancellationToken, Task>? hear;
    private IDocumentSession? session;
    private int disposed;

    public IReadOnlyList<LockedRow> Rows { get; private set; } = [];

    public IReadOnlyList<ChargeStop> Blown => blown;

    // Few batches read a stream; the others do without Marten's unit of work.
    private IDocumentSession Session => session ??= ledger.OpenSession(transaction);

    /// <summary>Reads the rows a statement locks.</summary>
    /// <param name="lockRows">The statement.</param>
    /// <param name="known">States this process has committed; a row still at that version comes without its state.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task ReadAsync(Func<NpgsqlTransaction, Task<List<StoredRow>>> lockRows, IReadOnlyDictionary<Guid, Subscription>? known, CancellationToken cancellation)
    {
        var stored = await lockRows(transaction);
        var rows = new List<LockedRow>(stored.Count);
        foreach (var row in stored)
            rows.Add(row.State is null ? new(new(row.Id), known![row.Id], null) : await ReadRowAsync(row, row.State, cancellation));
        Rows = rows;
    }

    public async Task<IReadOnlyDictionary<AgreementId, Agreement>> LoadAgreementsAsync(
        IReadOnlyCollection<AgreementId> ids, CancellationToken cancellation)
    {
        Dictionary<AgreementId, Agreement> found = [];
        foreach (var id in ids)
        {
            if (await MartenLedger.FoldAgreementAsync(Session, id, cancellation) is { } agreement)
                found[id] = agreement;
        }

        return found;
    }

    public void Write(long before, IReadOnlyList<SubscriptionEvent> events, Subscription after, Instant? claimedUntil)
    {
        var write = new BookWrite(BookRow.Of(after), before, claimedUntil is { } until ? BookRow.Ticks(until) : null);
        if (claimedUntil is not null)
            carried.Add(after);
        (before == 0 ? inserts : updates).Add(write);
        if (events.Count == 0)
            return;
        var named = new NamedEvent[events.Count];
        for (var i = 0; i < named.Length; i++)
            named[i] = new(EventIds.Of(after.Id, events[i], before + i + 1), EventNames.OfSubscriptions[events[i].GetType()], events[i]);
        appends.Add(new(after.Id.Value, StreamAppend.Subscriptions, before, named));
    }

    public void WriteAgreement(AgreementId agreement, long before, IReadOnlyList<AgreementEvent> events)
    {
        if (events.Count == 0)
            return;
        var named = new NamedEvent[events.Count];
        for (var i = 0; i < named.Length; i++)
            named[i] = new(EventIds.Of(agreement, before + i + 1), EventNames.OfAgreements[events[i].GetType()], events[i]);
        appends.Add(new(agreement.Value, StreamAppend.Agreements, before, named));
    }

    public Task<AccountGuard> LockAccountAsync(
        MerchantAccount account, IReadOnlyCollection<SubscriptionId> asking, Instant now, int most, CancellationToken cancellation) =>
        AccountRows.LockAsync(transaction, account, asking, now, most, cancellation);

    public void WriteAccount(MerchantAccount account, ChargeLeave leave, IReadOnlyList<HeldCharge> held) =>
        writeCharges = async cancellation => blown.AddRange(await AccountRows.WriteAsync(transaction, account, leave, held, cancellation));

    public void Hear(MerchantAccount account, AccountNews news, FuseLimits limits, Instant now) =>
        hear = async cancellation => blown.AddRange(await AccountRows.HearAsync(transaction, account, news, limits, now, cancellation));

    /// <summary>The only write that does not fold: for a stream whose fold throws.</summary>
    /// <remarks>A row without a stream has nothing to append to; parking again what is parked so changes nothing.</remarks>
    public async Task ParkUnreadableAsync(SubscriptionId id, Parked parked, CancellationToken cancellation)
    {
        await BookTable.LockAsync(transaction, [id.Value], CarriedStates.None, cancellation);
        var version = (await Session.Events.FetchStreamStateAsync(id.Value, cancellation))?.Version ?? 0;
        if (await IsParkedUnreadableAsync(id, version, cancellation))
            return;
        if (version > 0)
        {
            var named = new NamedEvent(EventIds.Of(id, parked, version + 1), EventNames.OfSubscriptions[typeof(Parked)], parked);
            appends.Add(new(id.Value, StreamAppend.Subscriptions, version++, [named]));
        }

        await using var command = new NpgsqlCommand(
            $"update {BookTable.Name} set alarm = null, claimed_until = null, parked = $2, version = $3, state_version = 0 where id = $1", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parked.Reason.ToString() });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task CommitAsync(CancellationToken cancellation)
    {
        await StoreAsync(cancellation);
        try
        {
            ledger.BeforeCommit?.Invoke();
            await transaction.CommitAsync(CancellationToken.None);
            ledger.AfterCommit?.Invoke();
            ledger.Carried.Keep(carried);
        }
        catch (PostgresException e) when (IsConflict(e))
        {
            throw new LedgerConflictException("Somebody else was first: " + e.Message, e);
        }
        catch (Exception e)
        {
            // Also a server that goes down may have stored the transaction before it said so.
            throw new CommitUnknownException("The reply to a commit was lost; it may be stored or not.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Npgsql hands connection and transaction objects to their next user: a second disposal would roll back somebody else's work.
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        if (session is not null)
            await session.DisposeAsync();
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task<bool> IsParkedUnreadableAsync(SubscriptionId id, long version, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select 1 from {BookTable.Name} where id = $1 and alarm is null and parked is not null and state_version = 0 and version = $2", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    private async Task StoreAsync(CancellationToken cancellation)
    {
        try
        {
            if (updates.Count > 0 && await BookTable.UpdateAsync(transaction, updates, cancellation) is var count && count != updates.Count)
                throw new LedgerConflictException($"{updates.Count - count} of {updates.Count} memberships had moved on.");
            if (inserts.Count > 0)
                await BookTable.InsertAsync(transaction, inserts, cancellation);
            if (appends.Count > 0)
                await AppendAsync(cancellation);
            if (writeCharges is not null)
                await writeCharges(cancellation);

            // Last of all: what follows of it is only for later batches, and so its row is locked for an instant.
            if (hear is not null)
                await hear(cancellation);
        }
        catch (Exception e) when (IsConflict(e))
        {
            throw new LedgerConflictException("Somebody else was first: " + e.Message, e);
        }
    }

    private static bool IsConflict(Exception e) =>
        e is ConcurrencyException or EventStreamUnexpectedMaxEventIdException or JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException
        || (e as PostgresException ?? e.InnerException as PostgresException)?.SqlState
            is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or "MT003";

    private async Task AppendAsync(CancellationToken cancellation)
    {
        if (ledger.AppendsQuickly)
        {
            await QuickAppend.RunAsync(transaction, appends, cancellation);
            return;
        }

        foreach (var append in appends)
        {
            object[] events = [.. append.Events.Select(Built)];
            if (append.Before > 0)
                Session.Events.Append(append.Stream, append.Before + events.Length, events);
            else if (append.Kind == StreamAppend.Agreements)
                Session.Events.StartStream<Agreement>(append.Stream, events);
            else
                Session.Events.StartStream<Subscription>(append.Stream, events);
        }

        await Session.SaveChangesAsync(cancellation);
    }

    private IEvent Built(NamedEvent named)
    {
        var e = Session.Events.BuildEvent(named.Data);
        e.Id = named.Id;
        return e;
    }

    private async Task<LockedRow> ReadRowAsync(StoredRow row, byte[] json, CancellationToken cancellation)
    {
        var id = new SubscriptionId(row.Id);
        try
        {
            // The book only saves folding: what cannot be used of it is folded again from the events.
            if (LedgerJson.UsableState(row.StateVersion, row.Version, json) is { } kept)
                return new(id, kept, null);
            return new(id, Evolve.All(null, await MartenLedger.EventsOfAsync(Session, id, cancellation)), null);
        }
        catch (Exception e) when (e is not OperationCanceledException && !IsOfDatabase(e))
        {
            return new(id, null, e);
        }
    }

    // A time-out or a broken connection, also inside Marten's own exception, says nothing about the membership.
    internal static bool IsOfDatabase(Exception e) => e is NpgsqlException || (e.InnerException is { } inner && IsOfDatabase(inner));
}
