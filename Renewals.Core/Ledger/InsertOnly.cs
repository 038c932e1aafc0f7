using Weasel.Core;
using Weasel.Postgresql.Triggers;

namespace Renewals.Core.Ledger;

/// <summary>Tables whose rows are never changed and never deleted: the database itself refuses it, whoever asks.</summary>
/// <remarks>A trigger and not a right, because the service owns its tables. Who may alter tables can still drop the trigger, and a schema check then says so.</remarks>
internal static class InsertOnly
{
    private const string Refuse = $"{MartenConfiguration.Schema}.refuse_change";

    /// <summary>The function every trigger calls; it comes before them.</summary>
    public static ISchemaObject Function() => Weasel.Postgresql.Functions.Function.ForSql($"""
        CREATE OR REPLACE FUNCTION {Refuse}() RETURNS trigger LANGUAGE plpgsql AS $function$
        BEGIN
            RAISE EXCEPTION '% is insert-only: its rows are never changed or deleted', tg_table_name USING ERRCODE = 'restrict_violation';
        END;
        $function$;
        """);

    /// <summary>What makes a table insert-only.</summary>
    /// <remarks>Two triggers: PostgreSQL says updates and deletes of one trigger in another order than Weasel, which would then differ at every start.</remarks>
    /// <param name="table">Its name with the schema.</param>
    public static IEnumerable<ISchemaObject> Guards(string table) =>
        [On(table, "insert_only", TriggerEvents.Update | TriggerEvents.Truncate), On(table, "no_delete", TriggerEvents.Delete)];

    private static Trigger On(string table, string name, TriggerEvents events) =>
        new($"{table}_{name}", table, $"{Refuse}()") { Timing = TriggerTiming.Before, Events = events, ForEachRow = false };
}
