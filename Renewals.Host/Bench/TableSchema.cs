using Npgsql;

namespace Renewals.Host.Bench;

/// <summary>The tables of the two ways without events: a subscription with its due date, and an order for each charge.</summary>
/// <remarks>They carry what a team would need to charge and to explain a charge, so that rows are of about the size of ours.</remarks>
internal static class TableSchema
{
    private const string Sql = """
        drop schema if exists {0} cascade;
        create schema {0};
        create table {0}.subscription (
            id uuid primary key, member text not null, account text not null, agreement_id text not null, plan text not null, subject text not null,
            amount bigint not null, currency text not null, status text not null, period int not null, anchor date not null, due timestamptz not null,
            paid_until timestamptz not null, notice_id text not null, notified_at timestamptz not null, version bigint not null,
            updated_at timestamptz not null);
        create index on {0}.subscription (due) where status = 'active';
        create index on {0}.subscription (member);
        create table {0}.charge_order (
            number text primary key, subscription_id uuid not null references {0}.subscription, period int not null, account text not null,
            agreement_id text not null, amount bigint not null, currency text not null, subject text not null, notice_id text not null,
            status text not null, requested_at timestamptz not null, rail_transaction text, paid_at timestamptz,
            unique (subscription_id, period));
        insert into {0}.subscription
        select md5('{0}' || n)::uuid, 'member-' || n, 'wechat:1900000109', md5('rail' || n), 'monthly', 'Membership, monthly', 2500, 'CNY', 'active', 1,
            date '2026-01-10', timestamptz '2026-02-10 00:00Z', timestamptz '2026-02-09 16:00Z', md5('notice' || n), timestamptz '2026-02-04 02:00Z', 9,
            timestamptz '2026-02-08 02:00Z'
        from generate_series(1, {1}) n;
        analyze {0}.subscription;
        """;

    /// <summary>Makes a schema of this name with so many subscriptions, all due.</summary>
    public static async Task CreateAsync(NpgsqlDataSource database, string schema, int subscriptions, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(string.Format(null, System.Text.CompositeFormat.Parse(Sql), schema, subscriptions));
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>How many subscriptions are renewed and paid for by exactly one order.</summary>
    public static async Task<long> CountRenewedAsync(NpgsqlDataSource database, string schema, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select count(*) from {schema}.subscription s join {schema}.charge_order o on o.subscription_id = s.id where s.period = 2 and s.status = 'active' and o.status = 'paid'");
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
