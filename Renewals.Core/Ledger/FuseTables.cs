using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>The tables of the fuses: two rows for each merchant account, one for each stop, one for each membership whose charge waits, one for each window of late money.</summary>
internal static class FuseTables
{
    /// <summary>Permits and the count of the minute; locked by a claim from its decisions to its commit.</summary>
    public const string Charges = $"{MartenConfiguration.Schema}.account_charges";

    /// <summary>The last outcomes. A row of its own, so that recording an answer never waits for a claim.</summary>
    public const string Outcomes = $"{MartenConfiguration.Schema}.account_outcomes";

    /// <summary>Fuses that blew and holds, for ever. Only the end is written later, once.</summary>
    public const string Stops = $"{MartenConfiguration.Schema}.charge_stop";

    /// <summary>Rows of the book that were laid aside because their charge is stopped.</summary>
    public const string Held = $"{MartenConfiguration.Schema}.held_charge";

    /// <summary>Windows of late money, for ever: a row for each day with late charges and each time a person raised the limit. Only what was taken is written later.</summary>
    public const string Late = $"{MartenConfiguration.Schema}.late_money";

    public static IEnumerable<Table> All()
    {
        yield return ChargesSchema();
        yield return OutcomesSchema();
        yield return StopsSchema();
        yield return HeldSchema();
        yield return LateSchema();
    }

    private static Table ChargesSchema()
    {
        var t = new Table(Charges);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("minute", "bigint").NotNull();
        t.AddColumn("charges", "int").NotNull();
        t.AddColumn("forecast", "int").NotNull();
        t.AddColumn("free", "double precision").NotNull();
        t.AddColumn("free_at", "bigint").NotNull();
        return t;
    }

    private static Table OutcomesSchema()
    {
        var t = new Table(Outcomes);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("outcomes", "varchar").NotNull();
        t.AddColumn("foreign_orders", "int").NotNull();
        t.AddColumn("foreign_since", "bigint").NotNull();
        return t;
    }

    private static Table StopsSchema()
    {
        var t = new Table(Stops);
        t.AddColumn("id", "bigint").AsPrimaryKey();
        t.AddColumn("scope", "varchar").NotNull();
        t.AddColumn("key", "varchar").NotNull();
        t.AddColumn("account", "varchar");
        t.AddColumn("rule", "varchar").NotNull();
        t.AddColumn("raised_at", "timestamptz").NotNull();
        t.AddColumn("raised_by", "varchar").NotNull();
        t.AddColumn("reason", "varchar").NotNull();
        t.AddColumn("ended_at", "timestamptz");
        t.AddColumn("ended_by", "varchar");
        t.AddColumn("ended_reason", "varchar");
        t.Indexes.Add(new IndexDefinition("idx_charge_stop_open") { Columns = ["scope", "key", "rule"], IsUnique = true, Predicate = "ended_at is null" });
        t.Indexes.Add(new IndexDefinition("idx_charge_stop_key") { Columns = ["key"] });
        return t;
    }

    private static Table LateSchema()
    {
        var t = new Table(Late);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("currency", "varchar").AsPrimaryKey();
        t.AddColumn("since", "bigint").AsPrimaryKey();
        t.AddColumn("until", "bigint").NotNull();
        t.AddColumn("raised", "bigint");
        t.AddColumn("taken", "bigint").NotNull();
        t.AddColumn("begun_by", "varchar").NotNull();
        t.AddColumn("reason", "varchar").NotNull();
        return t;
    }

    private static Table HeldSchema()
    {
        var t = new Table(Held);
        t.AddColumn("id", "uuid").AsPrimaryKey();
        t.AddColumn("account", "varchar").NotNull();
        t.AddColumn("until", "bigint").NotNull();
        return t;
    }
}
