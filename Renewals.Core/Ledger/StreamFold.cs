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
    public static async Task<StreamFolds> RunAsync(NpgsqlTransaction transaction, Guid[] streams, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql, transaction.Connection, transaction) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = streams });
        var folds = new StreamFolds([], []);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (id, name, json) = (reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2));
            if (!folds.Faults.ContainsKey(id))
                Fold(folds, id, name, json);
        }

        return folds;
    }

    // One stream that cannot be folded must not hide the others.
    private static void Fold(StreamFolds folds, Guid id, string name, byte[] json)
    {
        try
        {
            folds.States[id] = Evolve.Next(folds.States.GetValueOrDefault(id), Read(name, json));
        }
        catch (Exception e)
        {
            folds.States.Remove(id);
            folds.Faults[id] = e.Message;
        }
    }

    /// <summary>An event as it is stored.</summary>
    /// <exception cref="InvalidOperationException">Its name is unknown to this version.</exception>
    public static SubscriptionEvent Read(string name, byte[] json) => Types.TryGetValue(name, out var type)
        ? (SubscriptionEvent)JsonSerializer.Deserialize(json, type, LedgerJson.Options)!
        : throw new InvalidOperationException($"A subscription's stream has an event '{name}', which this version does not know.");
}

/// <summary>Memberships folded from their streams.</summary>
/// <param name="States">Those that could be folded.</param>
/// <param name="Faults">Why the others could not.</param>
internal sealed record StreamFolds(Dictionary<Guid, Subscription> States, Dictionary<Guid, string> Faults);
