using Weasel.Postgresql.Tables;

namespace Renewals.Core.Ledger;

/// <summary>The tables that say which ledger this is. Rows are added, never changed.</summary>
internal static class IdentityTables
{
    /// <summary>The last row is in force.</summary>
    public const string Identities = $"{MartenConfiguration.Schema}.ledger_identity";

    /// <summary>Merchant accounts that were ever served.</summary>
    public const string Accounts = $"{MartenConfiguration.Schema}.ledger_account";

    public static IEnumerable<Table> All()
    {
        yield return IdentitySchema();
        yield return AccountSchema();
    }

    private static Table IdentitySchema()
    {
        var t = new Table(Identities);
        t.AddColumn("number", "int").AsPrimaryKey();
        t.AddColumn("id", "uuid").NotNull();
        t.AddColumn("ledger", "uuid").NotNull();
        t.AddColumn("environment", "varchar").NotNull();
        t.AddColumn("system", "varchar").NotNull();
        t.AddColumn("timeline", "int").NotNull();
        t.AddColumn("database_oid", "bigint").NotNull();
        t.AddColumn("database_name", "varchar").NotNull();
        t.AddColumn("files_born", "varchar");
        t.AddColumn("written_at", "timestamptz").NotNull();
        t.AddColumn("written_by", "varchar").NotNull();
        t.AddColumn("reason", "varchar").NotNull();
        return t;
    }

    private static Table AccountSchema()
    {
        var t = new Table(Accounts);
        t.AddColumn("account", "varchar").AsPrimaryKey();
        t.AddColumn("since", "timestamptz").NotNull();
        return t;
    }
}
