using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>The tables of the reconciliation: a row for each statement day that was read, and one for each difference it has.</summary>
internal static class ReconciliationTables
{
    public const string Runs = $"{MartenConfiguration.Schema}.reconciliation_run";
    public const string Differences = $"{MartenConfiguration.Schema}.reconciliation_difference";

    public static Table RunSchema()
    {
        var t = new Table(Runs);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("day", "date").AsPrimaryKey();
        t.AddColumn("started", "timestamptz").NotNull();
        t.AddColumn("finished", "timestamptz").NotNull();
        t.AddColumn("state", "varchar").NotNull();
        t.AddColumn("why", "varchar");
        t.AddColumn("lines", "bigint").NotNull();
        t.AddColumn("matched", "bigint").NotNull();
        t.AddColumn("absent", "bigint").NotNull();
        t.AddColumn("counts", "jsonb").NotNull();
        t.AddColumn("document", "uuid");
        return t;
    }

    public static Table DifferenceSchema()
    {
        var t = new Table(Differences);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("day", "date").AsPrimaryKey();
        t.AddColumn("number", "int").AsPrimaryKey();
        t.AddColumn("kind", "varchar").NotNull();
        t.AddColumn("order_number", "varchar");
        t.AddColumn("refund_number", "varchar");
        t.AddColumn("rail_transaction", "varchar");
        t.AddColumn("ours", "bigint");
        t.AddColumn("ours_currency", "varchar");
        t.AddColumn("theirs", "bigint");
        t.AddColumn("theirs_currency", "varchar");
        t.AddColumn("at", "timestamptz").NotNull();
        t.AddColumn("healed", "boolean").NotNull();
        t.AddColumn("detail", "varchar").NotNull();
        t.Indexes.Add(new IndexDefinition("idx_reconciliation_difference_order") { Columns = ["order_number"], Predicate = "order_number is not null" });
        return t;
    }
}
