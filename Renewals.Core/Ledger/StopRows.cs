using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Core.Ledger;

/// <summary>Rows of <see cref="FuseTables.Stops"/>.</summary>
internal static class StopRows
{
    public const string Columns = "id, scope, key, account, rule, raised_at, raised_by, reason, ended_at, ended_by, ended_reason";

    /// <summary>What stands in the place of a fuse's rule.</summary>
    public const string Hold = "hold";

    /// <summary>The rule of a ledger that is frozen.</summary>
    public const string Frozen = "frozen";

    private const long LockKey = 0x52656E6577537470;

    // Numbers without a gap, for people to type; taken one after another, under a lock of their own that comes last.
    private const string InsertSql = $"""
        insert into {FuseTables.Stops} (id, scope, key, account, rule, raised_at, raised_by, reason)
        select coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7 from {FuseTables.Stops}
        on conflict (scope, key, rule) where ended_at is null do nothing returning id
        """;

    /// <summary>Stores stops.</summary>
    /// <returns>Those that were not in force before, with their numbers.</returns>
    public static async Task<IReadOnlyList<ChargeStop>> InsertAsync(
        NpgsqlTransaction transaction, IEnumerable<ChargeStop> stops, CancellationToken cancellation)
    {
        List<ChargeStop> stored = [];
        foreach (var stop in stops)
        {
            await using (var alone = new NpgsqlCommand($"select pg_advisory_xact_lock({LockKey})", transaction.Connection, transaction))
                await alone.ExecuteNonQueryAsync(cancellation);
            await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NameOf(stop.Scope) });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stop.Key });
            command.Parameters.Add(Text(stop.Account?.ToString()));
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NameOf(stop.Rule) });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = stop.At.ToDateTimeUtc() });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stop.By });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stop.Why });
            if (await command.ExecuteScalarAsync(cancellation) is long id)
                stored.Add(stop with { Id = id });
        }

        return stored;
    }

    public static async Task<List<ChargeStop>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        List<ChargeStop> stops = [];
        while (await reader.ReadAsync(cancellation))
        {
            stops.Add(new()
            {
                Id = reader.GetInt64(0), Scope = ScopeOf(reader.GetString(1)), Key = reader.GetString(2),
                Account = reader.IsDBNull(3) ? null : MerchantAccount.Parse(reader.GetString(3)), Rule = RuleOf(reader.GetString(4)), At = At(reader, 5),
                By = reader.GetString(6), Why = reader.GetString(7),
                End = reader.IsDBNull(8) ? null : new(At(reader, 8), reader.GetString(9), reader.GetString(10)),
            });
        }

        return stops;
    }

    /// <summary>A text that may be null.</summary>
    public static NpgsqlParameter Text(string? value) => new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = value ?? (object)DBNull.Value };

    public static string NameOf(StopScope scope) => scope switch
    {
        StopScope.Everything => "everything",
        StopScope.Account => "account",
        StopScope.Plan => "plan",
        StopScope.Membership => "membership",
        _ => throw new InvalidOperationException($"No name for {scope}."),
    };

    public static string NameOf(FuseRule? rule) => rule switch
    {
        null => Hold,
        FuseRule.MemberCharges => "member-charges",
        FuseRule.OverForecast => "over-forecast",
        FuseRule.Declines => "declines",
        FuseRule.ForeignOrder => "foreign-order",
        FuseRule.LateMoney => "late-money",
        FuseRule.Frozen => Frozen,
        _ => throw new InvalidOperationException($"No name for {rule}."),
    };

    private static StopScope ScopeOf(string name) => Enum.GetValues<StopScope>().First(scope => NameOf(scope) == name);

    private static FuseRule? RuleOf(string name) => name == Hold ? null : Enum.GetValues<FuseRule>().First(rule => NameOf(rule) == name);

    private static Instant At(NpgsqlDataReader reader, int column) => Instant.FromDateTimeUtc(reader.GetDateTime(column));
}
