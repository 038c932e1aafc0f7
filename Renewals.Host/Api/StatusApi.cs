using Microsoft.Extensions.Diagnostics.HealthChecks;
using NodaTime;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Core.Subscriptions;
using Renewals.Host.Service;

namespace Renewals.Host.Api;

/// <summary>How the ledger stands, and what is wrong with the service, for who may know.</summary>
internal static class StatusApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/status", StatusAsync).For(ApiRole.Reader).Gives<StatusReply>("How the ledger stands: memberships by account, who waits for a person, late work, what is stopped.");
        routes.MapGet("/health", HealthAsync).For(ApiRole.Reader).Gives<HealthReply>("What is wrong, check by check.");
    }

    /// <summary>How the ledger stands now.</summary>
    public static async Task<LedgerStatus> ReadAsync(ApiEngine engine, CancellationToken cancellation)
    {
        var now = engine.Get<EngineClock>().Now;
        return new(now, await engine.Get<LedgerDatabase>().Lists.CountAsync(now, cancellation), await engine.Get<FuseBox>().ListAsync(all: false, cancellation));
    }

    private static async Task<IResult> StatusAsync(ApiEngine engine, CancellationToken cancellation) => Answer.Of(StatusReply.Of(await ReadAsync(engine, cancellation)));

    private static async Task<IResult> HealthAsync(HealthCheckService checks, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(cancellation);
        return Answer.Of(new HealthReply(report.Status, [.. report.Entries.Select(check => new HealthCheckReply(check.Key, check.Value.Status, check.Value.Description))]));
    }
}

/// <summary>How the ledger stands.</summary>
/// <param name="At">When.</param>
/// <param name="NeedsAPerson">Whether a person should look.</param>
/// <param name="Accounts">Each merchant account that has memberships.</param>
/// <param name="Stops">Fuses that are blown and holds.</param>
internal sealed record StatusReply(Instant At, bool NeedsAPerson, IReadOnlyList<AccountReply> Accounts, IReadOnlyList<StopReply> Stops)
{
    public static StatusReply Of(LedgerStatus x) =>
        new(x.At, x.NeedsAPerson, [.. x.Accounts.Select(account => AccountReply.Of(account, x.Late.Contains(account)))], [.. x.Stops.Select(StopReply.Of)]);
}

/// <summary>How a merchant account stands.</summary>
/// <param name="Account">Which.</param>
/// <param name="Signing">Members who are about to sign.</param>
/// <param name="Active">Memberships that renew, parked ones among them.</param>
/// <param name="Cancelled">Memberships that run to their end.</param>
/// <param name="Ended">Memberships that are over.</param>
/// <param name="Parked">How many wait for a person, by reason.</param>
/// <param name="Due">Memberships whose alarm has rung and that nobody carries out at this moment.</param>
/// <param name="DueSince">When the first of them rang.</param>
/// <param name="IsLate">Whether that is longer ago than it should be.</param>
/// <param name="NextAlarm">When the next rings.</param>
internal sealed record AccountReply(
    MerchantAccount Account, long Signing, long Active, long Cancelled, long Ended, IReadOnlyList<ParkedCountReply> Parked, long Due, Instant? DueSince, bool IsLate,
    Instant? NextAlarm)
{
    public static AccountReply Of(AccountStatus x, bool isLate) => new(
        x.Account, x.Signing, x.Active, x.Cancelled, x.Ended, [.. x.Parked.Select(count => new ParkedCountReply(count.Key, count.Value))], x.Due, x.DueSince, isLate, x.NextAlarm);
}

/// <summary>How many wait for a person.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
internal sealed record ParkedCountReply(ParkReason Reason, long Count);

/// <summary>Whether the service is well.</summary>
/// <param name="Status"><c>healthy</c>; <c>degraded</c>: a person should look; <c>unhealthy</c>: it cannot work.</param>
/// <param name="Checks">Check by check.</param>
internal sealed record HealthReply(HealthStatus Status, IReadOnlyList<HealthCheckReply> Checks);

/// <summary>One check.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">What was found.</param>
/// <param name="Words">In words.</param>
internal sealed record HealthCheckReply(string Name, HealthStatus Status, string? Words);
