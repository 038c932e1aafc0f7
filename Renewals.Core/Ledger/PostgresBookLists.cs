using System.Data;
using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Looks at many memberships in PostgreSQL.</summary>
internal sealed class PostgresBookLists(NpgsqlDataSource database) : IBookLists
{
    // Somebody sits and waits, and a look must not hold back the vacuum for long.
    private const int SecondsForPage = 10;

    private const string ExpirySql = $"""
        select stream_id, max((data->>'expiresAt')::timestamptz) from {MartenConfiguration.Schema}.mt_events
        where stream_id = any($1) and type = 'agreed' and data->>'expiresAt' is not null
        group by stream_id having max((data->>'expiresAt')::timestamptz) <= $2
        """;

    public Task<long> CountBehindAsync(CancellationToken cancellation) => new BookOverview(database).CountBehindAsync(cancellation);

    public Task<IReadOnlyList<AccountStatus>> CountAsync(Instant now, CancellationToken cancellation) => new BookOverview(database).CountAsync(now, cancellation);

    public async Task<IReadOnlyList<MembershipEntry>> ListAsync(MembershipFilter filter, SubscriptionId? after, int limit, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            var rows = await ReadRowsAsync(transaction, filter, after, limit, cancellation);

            // As everywhere: what cannot be used of the book is folded again from the events.
            Guid[] unusable = [.. rows.Where(row => row is { Entry.Membership: null, StateVersion: not 0 }).Select(row => row.Entry.Id.Value)];
            var folds = unusable.Length == 0 ? null : await StreamFold.RunAsync(transaction, unusable, cancellation);
            return [.. rows.Select(row => row.Entry with { Membership = row.Entry.Membership ?? folds?.States.GetValueOrDefault(row.Entry.Id.Value) })];
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            throw new LedgerUnavailableException($"Nothing was found within {SecondsForPage} s: name a member or an account as well.", e);
        }
    }

    public async Task<long?> CountAsync(MembershipFilter filter, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand();
        command.CommandText = $"select count(*) from {BookTable.Name} where {Conditions(command, filter, after: null)}";
        return await QuickCount.RunAsync(command, cancellation);
    }

    public IAsyncEnumerable<DeclinedStream> ReadDeclinedAsync(Instant since, CancellationToken cancellation) =>
        new EventReader(database).ReadDeclinedAsync(since, cancellation);

    public async Task<IReadOnlyDictionary<AgreementId, Instant>> ExpiriesAsync(
        IReadOnlyCollection<AgreementId> agreements, Instant before, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(ExpirySql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. agreements.Select(id => id.Value)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.ToDateTimeUtc() });
        Dictionary<AgreementId, Instant> ends = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ends.Add(new(reader.GetGuid(0)), Instant.FromDateTimeUtc(reader.GetDateTime(1)));
        return ends;
    }

    private static async Task<List<(MembershipEntry Entry, int StateVersion)>> ReadRowsAsync(
        NpgsqlTransaction transaction, MembershipFilter filter, SubscriptionId? after, int limit, CancellationToken cancellation)
    {
        await using var command = CommandFor(transaction, filter, after, limit);
        List<(MembershipEntry, int)> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (version, stateVersion) = (reader.GetInt64(6), reader.GetInt32(7));
            rows.Add((new(
                new(reader.GetGuid(0)), MerchantAccount.Parse(reader.GetString(1)), reader.GetString(2), Enum.Parse<SubscriptionStatus>(reader.GetString(3)),
                reader.IsDBNull(4) ? null : Enum.Parse<ParkReason>(reader.GetString(4)), reader.IsDBNull(5) ? null : Instant.FromUnixTimeTicks(reader.GetInt64(5)),
                version, LedgerJson.UsableState(stateVersion, version, reader.GetFieldValue<byte[]>(8))), stateVersion));
        }

        return rows;
    }

    private static NpgsqlCommand CommandFor(NpgsqlTransaction transaction, MembershipFilter filter, SubscriptionId? after, int limit)
    {
        var command = new NpgsqlCommand("", transaction.Connection, transaction) { CommandTimeout = SecondsForPage };
        var conditions = Conditions(command, filter, after);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.CommandText =
            $"select id, account, member, status, parked, alarm, version, state_version, state from {BookTable.Name} " +
            $"where {conditions} order by id limit ${command.Parameters.Count}";
        return command;
    }

    // Only what is asked for stands in the statement: a plan for "any account or this one" would use no index.
    private static string Conditions(NpgsqlCommand command, MembershipFilter filter, SubscriptionId? after)
    {
        List<string> conditions = ["true"];
        void Where(string condition, object? value)
        {
            if (value is null)
                return;
            command.Parameters.Add(new NpgsqlParameter { Value = value });
            conditions.Add($"{condition} ${command.Parameters.Count}");
        }

        Where("id >", after?.Value);
        Where("id =", filter.Id?.Value);
        Where("member =", filter.Member);
        Where("account =", filter.Account?.ToString());
        Where("status =", filter.Status?.ToString());
        Where("state->'terms'->>'planId' =", filter.Plan);
        Where("parked =", filter.Parked?.ToString());
        if (filter.ParkedOnly)
            conditions.Add("parked is not null");
        return string.Join(" and ", conditions);
    }
}
