using System.Collections.Concurrent;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Renewals.Core.Ledger;

/// <summary>Appends to many streams by one statement: Marten's own append function, called for a whole batch.</summary>
/// <remarks>
/// It is the call Marten makes for each stream, with its lock, its version check and its sequence; a batch saves the round through the unit
/// of work, which costs as much as all the rest of a renewal. The function's form belongs to Marten: where it is not the one expected here,
/// the ledger appends the ordinary way.
/// </remarks>
internal static class QuickAppend
{
    /// <summary>The form of the function this class calls.</summary>
    public const string Signature =
        "stream uuid, stream_type character varying, tenantid character varying, event_ids uuid[], event_types character varying[], dotnet_types character varying[], bodies jsonb[], bdatas bytea[], expected_version bigint";

    private const string Function = $"{MartenConfiguration.Schema}.mt_quick_append_events";

    private const string SignatureSql = "select pg_get_function_identity_arguments(to_regproc($1))";

    private const string OneEachSql = $"""
        select {Function}(id, kind, '*DEFAULT*', array[event], array[type], array[dotnet], array[body], array[null::bytea], before)
        from unnest($1, $2, $3, $4, $5, $6, $7) as n(id, kind, before, event, type, dotnet, body)
        """;

    private const string ManyEachSql = $"""
        select {Function}(id, kind, '*DEFAULT*', $4[first:last], $5[first:last], $6[first:last], $7[first:last],
            array_fill(null::bytea, array[last - first + 1]), before)
        from unnest($1, $2, $3, $8, $9) as n(id, kind, before, first, last)
        """;

    private static readonly ConcurrentDictionary<Type, string> DotNetNames = new();

    /// <summary>Whether the database has the function in the expected form.</summary>
    public static async Task<bool> IsAvailableAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(SignatureSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Function });
        return await command.ExecuteScalarAsync(cancellation) is Signature;
    }

    /// <summary>Appends. A stream that is not at its expected version fails the transaction with SQLSTATE MT003.</summary>
    public static async Task RunAsync(NpgsqlTransaction transaction, IReadOnlyList<StreamAppend> appends, CancellationToken cancellation)
    {
        var events = appends.SelectMany(append => append.Events).ToList();
        var oneEach = events.Count == appends.Count;
        await using var command = new NpgsqlCommand(oneEach ? OneEachSql : ManyEachSql, transaction.Connection, transaction);
        Add(command, appends, append => append.Stream, NpgsqlDbType.Uuid);
        Add(command, appends, append => append.Kind, NpgsqlDbType.Varchar);
        Add(command, appends, append => append.Before, NpgsqlDbType.Bigint);
        Add(command, events, e => e.Id, NpgsqlDbType.Uuid);
        Add(command, events, e => e.Name, NpgsqlDbType.Varchar);
        Add(command, events, e => DotNetName(e.Data.GetType()), NpgsqlDbType.Varchar);
        Add(command, events, e => JsonSerializer.SerializeToUtf8Bytes(e.Data, e.Data.GetType(), LedgerJson.Options), NpgsqlDbType.Jsonb);
        if (!oneEach)
            AddBounds(command, appends);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void AddBounds(NpgsqlCommand command, IReadOnlyList<StreamAppend> appends)
    {
        var (firsts, lasts, last) = (new int[appends.Count], new int[appends.Count], 0);
        for (var i = 0; i < appends.Count; i++)
        {
            firsts[i] = last + 1;
            lasts[i] = last += appends[i].Events.Count;
        }

        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = firsts });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = lasts });
    }

    private static void Add<TItem, TValue>(NpgsqlCommand command, IReadOnlyList<TItem> items, Func<TItem, TValue> value, NpgsqlDbType type)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(items[i]);
        command.Parameters.Add(new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    // As Marten writes it; it is for people and for old readers, the name of the event is what counts.
    private static string DotNetName(Type type) => DotNetNames.GetOrAdd(type, t => $"{t.FullName}, {t.Assembly.GetName().Name}");
}

/// <summary>Events to append to a stream.</summary>
/// <param name="Stream">Which.</param>
/// <param name="Kind">Marten's name for the kind of stream.</param>
/// <param name="Before">The version they were decided at; 0: the stream must not exist.</param>
/// <param name="Events">The events.</param>
internal sealed record StreamAppend(Guid Stream, string Kind, long Before, IReadOnlyList<NamedEvent> Events)
{
    public const string Subscriptions = "subscription";
    public const string Agreements = "agreement";
}

/// <summary>An event with the id and the name it is stored under.</summary>
internal readonly record struct NamedEvent(Guid Id, string Name, object Data);
