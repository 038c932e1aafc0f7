using NodaTime;
using Npgsql;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Ledger;

/// <summary>Counts the book's rows: how an account stands, in one pass, with nothing locked.</summary>
internal sealed class BookOverview(NpgsqlDataSource database)
{
    private const string CountSql = $"""
        select account,
            count(*) filter (where status = 'Signing'), count(*) filter (where status = 'Active'), count(*) filter (where status = 'Cancelled'),
            count(*) filter (where status = 'Ended'),
            count(*) filter (where alarm <= $1 and (claimed_until is null or claimed_until <= $1)),
            min(alarm) filter (where alarm <= $1 and (claimed_until is null or claimed_until <= $1)),
            min(greatest(alarm, coalesce(claimed_until, 0))) filter (where alarm is not null)
        from {BookTable.Name} group by account order by account
        """;

    private const string BehindSql = $"""
        select count(*) from {MartenConfiguration.Schema}.mt_streams s left join {BookTable.Name} b on b.id = s.id
        where s.type = '{StreamAppend.Subscriptions}' and b.version is distinct from s.version
        """;

    private const string ParkedSql = $"select account, parked, count(*) from {BookTable.Name} where parked is not null group by account, parked order by account, parked";

    /// <summary>How every account stands.</summary>
    /// <param name="now">By the database's clock.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<AccountStatus>> CountAsync(Instant now, CancellationToken cancellation)
    {
        var parked = await ReadParkedAsync(cancellation);
        await using var command = database.CreateCommand(CountSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = BookRow.Ticks(now) });
        List<AccountStatus> accounts = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var account = MerchantAccount.Parse(reader.GetString(0));
            accounts.Add(new(
                account, reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                parked.GetValueOrDefault(account) ?? new Dictionary<ParkReason, long>(), reader.GetInt64(5), At(reader, 6), At(reader, 7)));
        }

        return accounts;
    }

    /// <summary>How many memberships have no row, or one that is not at their stream's version: events and rows are stored together, so none should.</summary>
    public async Task<long> CountBehindAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(BehindSql);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static Instant? At(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : Instant.FromUnixTimeTicks(reader.GetInt64(column));

    private async Task<Dictionary<MerchantAccount, Dictionary<ParkReason, long>>> ReadParkedAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(ParkedSql);
        Dictionary<MerchantAccount, Dictionary<ParkReason, long>> parked = [];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var account = MerchantAccount.Parse(reader.GetString(0));
            if (!parked.TryGetValue(account, out var reasons))
                parked[account] = reasons = [];
            reasons[Enum.Parse<ParkReason>(reader.GetString(1))] = reader.GetInt64(2);
        }

        return parked;
    }
}

/// <summary>How a ledger stands at a moment.</summary>
/// <param name="At">The moment, by the database's clock.</param>
/// <param name="Accounts">Each merchant account that has memberships.</param>
/// <param name="Stops">Fuses that are blown, what a person holds, and a freeze.</param>
public sealed record LedgerStatus(Instant At, IReadOnlyList<AccountStatus> Accounts, IReadOnlyList<ChargeStop> Stops)
{
    /// <summary>What is due is done within seconds; what is late by more has nobody who does it, or more work than hosts.</summary>
    public static readonly Duration LateAfter = Duration.FromMinutes(5);

    /// <summary>Accounts whose work is late.</summary>
    public IReadOnlyList<AccountStatus> Late => [.. Accounts.Where(account => account.DueSince < At - LateAfter)];

    /// <summary>Whether a person should look: somebody is parked, something is stopped, or work is late.</summary>
    public bool NeedsAPerson => Stops.Count > 0 || Late.Count > 0 || Accounts.Any(account => account.Parked.Count > 0);
}

/// <summary>How a merchant account stands.</summary>
/// <param name="Account">Which.</param>
/// <param name="Signing">Members who are about to sign.</param>
/// <param name="Active">Memberships that renew, parked ones among them.</param>
/// <param name="Cancelled">Memberships that run to their end.</param>
/// <param name="Ended">Memberships that are over.</param>
/// <param name="Parked">How many wait for a person, by reason.</param>
/// <param name="Due">Memberships whose alarm has rung and that nobody carries out at this moment.</param>
/// <param name="DueSince">When the first of them rang; null: none.</param>
/// <param name="NextAlarm">When the next rings; null: none ever.</param>
public sealed record AccountStatus(
    MerchantAccount Account, long Signing, long Active, long Cancelled, long Ended, IReadOnlyDictionary<ParkReason, long> Parked, long Due, Instant? DueSince,
    Instant? NextAlarm);
