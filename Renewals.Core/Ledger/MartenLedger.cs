using JasperFx.Events;
using Marten;
using Marten.Services;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Streams in Marten, the book beside them, one PostgreSQL transaction around both.</summary>
/// <param name="store">Configured by <see cref="MartenConfiguration.UseRenewals"/>.</param>
/// <param name="database">The same database, for the book.</param>
internal sealed class MartenLedger(IDocumentStore store, NpgsqlDataSource database) : ISubscriptionLedger
{
    /// <summary>Runs before each commit; a test ends the process here.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Runs after each commit was stored and before its reply reaches the caller; a test loses the reply here.</summary>
    internal Action? AfterCommit { get; set; }

    /// <summary>Memberships this process is carrying out.</summary>
    internal CarriedStates Carried { get; } = new();

    /// <summary>Whether the database has Marten's append function in the form <see cref="QuickAppend"/> calls. Looked up at start.</summary>
    internal bool AppendsQuickly { get; set; }

    public Task<ILedgerBatch> ClaimDueAsync(MerchantAccount account, Instant now, int limit, CancellationToken cancellation) =>
        BeginAsync(transaction => BookTable.LockDueAsync(transaction, account, now.ToUnixTimeTicks(), limit, cancellation), null, cancellation);

    public Task<ILedgerBatch> OpenAsync(IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellation)
    {
        Guid[] distinct = [.. ids.Select(id => id.Value).Distinct()];
        var known = Carried.Take(distinct);
        return BeginAsync(transaction => BookTable.LockAsync(transaction, distinct, known, cancellation), known, cancellation);
    }

    public async Task ParkUnreadableAsync(SubscriptionId id, string detail, Instant now, CancellationToken cancellation)
    {
        await using var batch = await BeginAsync(cancellation);
        await batch.ParkUnreadableAsync(id, new Parked(ParkReason.Fault, detail, now), cancellation);
        await batch.CommitAsync(cancellation);
    }

    public async Task<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellation) =>
        Evolve.All(null, await ReadEventsAsync(id, cancellation));

    public async Task<Agreement?> FindAgreementAsync(AgreementId id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await FoldAgreementAsync(session, id, cancellation);
    }

    public async Task<IReadOnlyList<SubscriptionId>> FindOfMemberAsync(string member, MerchantAccount? account, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id from {BookTable.Name} where member = $1 and ($2 is null or account = $2) order by state->>'signBy' collate \"C\" desc, id");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = member });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = account?.ToString() });
        List<SubscriptionId> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found.Add(new(reader.GetGuid(0)));
        return found;
    }

    public async Task<IReadOnlyList<RunningMembership>> FindRunningAsync(IReadOnlyCollection<string> members, MerchantAccount account, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select member, id, state->'agreement'->>'template' from {BookTable.Name} where member = any($1) and account = $2 and status = any($3)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. members] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [nameof(SubscriptionStatus.Signing), nameof(SubscriptionStatus.Active)] });
        List<RunningMembership> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found.Add(new(reader.GetString(0), new(reader.GetGuid(1)), reader.GetString(2)));
        return found;
    }

    public async Task<IReadOnlyList<SubscriptionEvent>> ReadEventsAsync(SubscriptionId id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await EventsOfAsync(session, id, cancellation);
    }

    public async Task<Instant?> NextAlarmAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select min(greatest(alarm, coalesce(claimed_until, 0))) from {BookTable.Name} where alarm is not null");
        return await command.ExecuteScalarAsync(cancellation) is long ticks ? Instant.FromUnixTimeTicks(ticks) : null;
    }

    public IAsyncEnumerable<LedgerMovement> ReadMovementsAsync(MerchantAccount account, Instant from, Instant until, CancellationToken cancellation) =>
        new EventReader(database).ReadMovementsAsync(account, from, until, cancellation);

    public IAsyncEnumerable<SubscriptionId> ReadUnconcludedAsync(MerchantAccount account, Instant from, Instant until, CancellationToken cancellation) =>
        new EventReader(database).ReadUnconcludedAsync(account, from, until, cancellation);

    public IAsyncEnumerable<Subscription> ReadMembershipsAsync(MerchantAccount account, CancellationToken cancellation) =>
        new BookReader(database).ReadMembershipsAsync(account, cancellation);

    public Task<Instant?> FirstEventAtAsync(CancellationToken cancellation) => new EventReader(database).FirstAtAsync(cancellation);

    public async Task<IReadOnlyList<string>> VerifyBookAsync(CancellationToken cancellation) =>
        (await new BookVerifier(database).CompareAsync(progress: null, cancellation)).Differences;

    internal IDocumentSession OpenSession(NpgsqlTransaction transaction) => store.LightweightSession(SessionOptions.ForTransaction(transaction));

    internal static async Task<IReadOnlyList<SubscriptionEvent>> EventsOfAsync(IQuerySession session, SubscriptionId id, CancellationToken cancellation)
    {
        var events = await session.Events.FetchStreamAsync(id.Value, token: cancellation);
        return [.. events.Select(e => (SubscriptionEvent)e.Data)];
    }

    internal static async Task<Agreement?> FoldAgreementAsync(IQuerySession session, AgreementId id, CancellationToken cancellation)
    {
        var events = await session.Events.FetchStreamAsync(id.Value, token: cancellation);
        return events.Aggregate((Agreement?)null, (state, e) => EvolveAgreement.Next(state, (AgreementEvent)e.Data));
    }

    // Whoever gives up while waiting for a lock gives back the locks already taken, and the connection.
    private async Task<ILedgerBatch> BeginAsync(
        Func<NpgsqlTransaction, Task<List<StoredRow>>> lockRows, IReadOnlyDictionary<Guid, Subscription>? known, CancellationToken cancellation)
    {
        var batch = await BeginAsync(cancellation);
        try
        {
            await batch.ReadAsync(lockRows, known, cancellation);
            return batch;
        }
        catch
        {
            await batch.DisposeAsync();
            throw;
        }
    }

    private async Task<MartenBatch> BeginAsync(CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            return new(this, connection, await connection.BeginTransactionAsync(cancellation));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
