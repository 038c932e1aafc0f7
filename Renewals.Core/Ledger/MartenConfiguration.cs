using System.Text.Json;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Services;
using NodaTime;
using Weasel.Core;

namespace Renewals.Core.Ledger;

/// <summary>How Renewals uses Marten: its schema, its event names, its JSON.</summary>
public static class MartenConfiguration
{
    /// <summary>The schema everything lives in.</summary>
    public const string Schema = "renewals";

    /// <summary>Applies it to a store that Renewals owns.</summary>
    /// <param name="options">The store's options.</param>
    /// <param name="connectionString">Where the database is.</param>
    /// <param name="time">Stamps events.</param>
    public static void UseRenewals(this StoreOptions options, string connectionString, TimeProvider time)
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = Schema;
        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        options.CommandTimeout = 60;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase, json => LedgerJson.Configure(json));
        var events = options.Events;
        events.DatabaseSchemaName = Schema;
        events.AppendMode = EventAppendMode.Quick;
        events.TimeProvider = time;

        // The loser of a race stops before it takes a sequence number, so readers never wait for a gap.
        events.UseExclusiveLockOnConcurrentAppends = true;

        // With named ids, what must happen at most once can be stored at most once.
        events.EnableUniqueIndexOnEventId = true;
        events.UseAdvisoryLockTransaction = true;
        foreach (var (type, name) in EventNames.OfSubscriptions.Concat(EventNames.OfAgreements))
            events.MapEventType(type, name);
        options.Storage.ExtendedSchemaObjects.Add(BookTable.Schema());
        foreach (var table in IdentityTables.All())
            options.Storage.ExtendedSchemaObjects.Add(table);
        options.Storage.ExtendedSchemaObjects.Add(VaultTable.Schema());
        options.Storage.ExtendedSchemaObjects.Add(InsertOnly.Function());
        options.Storage.ExtendedSchemaObjects.AddRange(PostgresPlanRecords.Schema());
        options.Storage.ExtendedSchemaObjects.AddRange(PostgresErasures.Schema());
        options.Storage.ExtendedSchemaObjects.Add(ReconciliationTables.RunSchema());
        options.Storage.ExtendedSchemaObjects.Add(ReconciliationTables.DifferenceSchema());
        options.Storage.ExtendedSchemaObjects.Add(PostgresKeptDocuments.Schema());
        options.Storage.ExtendedSchemaObjects.Add(PostgresOrphanAgreements.Schema());
        options.Storage.ExtendedSchemaObjects.Add(PostgresKeptAnswers.Schema());
        foreach (var table in FuseTables.All().Concat(PostgresMoves.Schema()))
            options.Storage.ExtendedSchemaObjects.Add(table);
        options.Storage.ExtendedSchemaObjects.AddRange(PostgresWebhookStore.Schema());
    }
}
