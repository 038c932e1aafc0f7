using System.Collections.Frozen;
using System.Data;
using System.Text.Json;
using Npgsql;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Folds many streams in one pass over their events, for reading the whole ledger anew.</summary>
/// <remarks>
/// One statement sees one moment of every stream it folds. The caller names a page of streams at a time, so that memory is bounded by the page
/// and no snapshot stays open for long: an old one makes every claim of due rows slower.
/// </remarks>
internal static class StreamFold
{
    /// <summary>How many streams a page has.</summary>
    public const int Page = 500;

    private const string Sql = $"select stream_id, type, data from {MartenConfiguration.Schema}.mt_events where stream_id = any($1) order by stream_id, version";

    private static readonly FrozenDictionary<string, Type> Types = EventNames.OfSubscriptions.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The memberships of these streams; one without events is missing from the answer.</summary>
    public static async Task<Dictionary<Guid, Subscription>> RunAsync(NpgsqlTransaction transaction, Guid[] streams, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql, transaction.Connection, transaction) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = streams });
        Dictionary<Guid, Subscription> folded = new(streams.Length);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetGuid(0);
            var e = Read(reader.GetString(1), reader.GetFieldValue<byte[]>(2));
            folded[id] = Evolve.Next(folded.GetValueOrDefault(id), e);
        }

        return folded;
    }

    private static SubscriptionEvent Read(string name, byte[] json) => Types.TryGetValue(name, out var type)
        ? (SubscriptionEvent)JsonSerializer.Deserialize(json, type, LedgerJson.Options)!
        : throw new InvalidOperationException($"A subscription's stream has an event '{name}', which this version does not know.");
}
