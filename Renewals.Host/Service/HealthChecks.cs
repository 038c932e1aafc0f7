using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Host.Api;
using Renewals.Host.Webhooks;

namespace Renewals.Host.Service;

/// <summary>What the service looks at to say whether it is well.</summary>
/// <remarks>Anybody is told whether it lives and whether it is ready, and nothing else; the words are for who may read the API.</remarks>
internal static class HealthChecks
{
    private const string Ready = "ready";

    /// <summary>Adds the checks.</summary>
    public static void AddTo(IServiceCollection services) => services.AddSingleton<DatabaseCheck>().AddSingleton<BookCheck>().AddSingleton<CertificateCheck>().AddHealthChecks()
        .AddCheck<DatabaseCheck>("database", tags: [Ready])
        .AddCheck<FreezeCheck>("ledger")
        .AddCheck<WorkCheck>("work")
        .AddCheck<BookCheck>("book")
        .AddCheck<WebhookCheck>("webhooks")
        .AddCheck<CertificateCheck>("certificates");

    /// <summary>Adds the two routes that are open to anybody.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        // A frozen ledger or a database that is away is no reason to start the service again: it lives.
        routes.MapGet("/health/live", context => context.Response.WriteAsync("live\n", context.RequestAborted));
        routes.MapHealthChecks("/health/ready", new()
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = (context, report) => context.Response.WriteAsync(report.Status == HealthStatus.Unhealthy ? "not ready\n" : "ready\n", context.RequestAborted),
        });
    }
}

/// <summary>A check whose answer is good for a while, however many ask.</summary>
internal abstract class KeptCheck(TimeProvider time, TimeSpan goodFor) : IHealthCheck, IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private (long At, HealthCheckResult Result)? known;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (WithoutLooking is { } result)
            return result;
        await one.WaitAsync(cancellationToken);
        try
        {
            if (known is not { } last || time.GetElapsedTime(last.At) > goodFor)
                known = last = (time.GetTimestamp(), await LookAsync(cancellationToken));
            return last.Result;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose()
    {
        one.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract HealthCheckResult? WithoutLooking { get; }

    protected abstract Task<HealthCheckResult> LookAsync(CancellationToken cancellation);
}

/// <summary>Whether the engine is there and its database answers. Anybody may ask, so the answer is good for a second.</summary>
internal sealed class DatabaseCheck(ApiEngine engine, TimeProvider time) : KeptCheck(time, TimeSpan.FromSeconds(1))
{
    protected override HealthCheckResult? WithoutLooking => engine.IsOpen ? null : HealthCheckResult.Unhealthy("the engine is not there yet");

    protected override async Task<HealthCheckResult> LookAsync(CancellationToken cancellation)
    {
        try
        {
            if (engine.Get<LedgerDatabase>().ReadClock is { } read)
                await read(cancellation);
            return engine.Get<DatabaseClock>().MayClaim
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("this machine's clock and the database's are too far apart: nothing is claimed");
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer");
        }
    }
}

/// <summary>Whether the ledger is frozen.</summary>
internal sealed class FreezeCheck(ApiEngine engine) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        engine.IsOpen && engine.Get<IFreeze>().Known is { } frozen
            ? HealthCheckResult.Degraded($"frozen since {frozen.At}: {frozen.Why}. Nothing is charged until it is adopted.")
            : HealthCheckResult.Healthy());
}

/// <summary>Whether work is late, stopped or waits for a person: what <c>status</c> says.</summary>
internal sealed class WorkCheck(ApiEngine engine) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!engine.IsOpen)
            return HealthCheckResult.Unhealthy("the engine is not there yet");
        try
        {
            var status = await StatusApi.ReadAsync(engine, cancellationToken);
            return status.NeedsAPerson ? HealthCheckResult.Degraded(string.Join("; ", WordsOf(status))) : HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer");
        }
    }

    private static IEnumerable<string> WordsOf(LedgerStatus status)
    {
        foreach (var late in status.Late)
            yield return string.Create(CultureInfo.InvariantCulture, $"{late.Account} has {late.Due} memberships due, the first since {late.DueSince}");
        foreach (var stop in status.Stops)
            yield return $"{stop.Words} is stopped since {stop.At}: {stop.Why}";
        foreach (var account in status.Accounts.Where(account => account.Parked.Count > 0))
            yield return string.Create(CultureInfo.InvariantCulture, $"{account.Parked.Values.Sum()} memberships of {account.Account} wait for a person");
    }
}

/// <summary>Whether the book, the one read model there is, has every membership as its events are. Every row is looked at, so the answer is good for an hour.</summary>
/// <remarks>It is written in the transaction of the events and cannot fall behind by itself: a row that did was changed by hand, or lost.</remarks>
internal sealed class BookCheck(ApiEngine engine, TimeProvider time) : KeptCheck(time, TimeSpan.FromHours(1))
{
    protected override HealthCheckResult? WithoutLooking => engine.IsOpen ? null : HealthCheckResult.Healthy();

    protected override async Task<HealthCheckResult> LookAsync(CancellationToken cancellation)
    {
        try
        {
            return await engine.Get<LedgerDatabase>().Lists.CountBehindAsync(cancellation) is > 0 and var behind
                ? HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"the book has no row, or one of another version, for {behind} memberships"))
                : HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer");
        }
    }
}

/// <summary>Whether events get to every endpoint.</summary>
internal sealed class WebhookCheck(ApiEngine engine) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!engine.IsOpen || engine.Find<WebhookEndpoints>() is not { } endpoints)
            return HealthCheckResult.Healthy();
        try
        {
            var now = engine.Get<EngineClock>().Now;
            var words = (await new WebhookSurvey(endpoints, engine.Get<LedgerDatabase>()).LookAsync(cancellationToken)).SelectMany(stand => WordsOf(stand, now)).ToList();
            return words.Count > 0 ? HealthCheckResult.Degraded(string.Join("; ", words)) : HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer");
        }
    }

    private static IEnumerable<string> WordsOf(EndpointStand stand, NodaTime.Instant now)
    {
        if (stand.Dead > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{stand.Dead} events were given up at endpoint {stand.Name}");
        if (stand.OldestAt < now - EndpointStand.BehindAfter)
            yield return string.Create(CultureInfo.InvariantCulture, $"endpoint {stand.Name} is behind: what happened at {stand.OldestAt} did not get there yet, {stand.Waiting} events wait");
    }
}

/// <summary>Whether certificates end soon, as <c>doctor</c> says. The adapters call their rails for it, so the answer is good for an hour.</summary>
internal sealed class CertificateCheck(ApiEngine engine, TimeProvider time) : KeptCheck(time, TimeSpan.FromHours(1))
{
    protected override HealthCheckResult? WithoutLooking => engine.IsOpen ? null : HealthCheckResult.Healthy();

    protected override async Task<HealthCheckResult> LookAsync(CancellationToken cancellation)
    {
        var gateways = engine.Get<RegisteredGateways>();
        List<string> ending = [];
        foreach (var account in gateways.Accounts)
        {
            var findings = gateways[account] is IExaminedGateway examined ? await examined.ExamineAsync(cancellation) : [];
            ending.AddRange(findings.Where(finding => finding is { Check: RailCheck.Certificates, Verdict: FindingVerdict.Soon or FindingVerdict.No })
                .Select(finding => $"{account}: {finding.Detail}"));
        }

        return ending.Count > 0 ? HealthCheckResult.Degraded(string.Join("; ", ending)) : HealthCheckResult.Healthy();
    }
}
