using NodaTime;
using NodaTime.Text;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;

namespace Renewals.Host.Api;

/// <summary>Rails' statements beside the ledger: which days were read, what differs, and reading one now.</summary>
internal static class ReconciliationsApi
{
    private const int UsualDays = 35;
    private const int MostDays = 100;

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet("/", DaysAsync).For(ApiRole.Reader).Gives<IEnumerable<StatementDayReply>>("Statement days that were looked at.");
        routes.MapPost("/", RunAsync).For(ApiRole.Operator).Gives<StatementReply>("Reads a rail's statement now, compares it and records what is certain.");
        routes.MapGet("/{account}/{day}", FindAsync).For(ApiRole.Reader).Gives<StatementReply>("A statement day with its differences.");
    }

    private static async Task<IResult> DaysAsync(ApiEngine engine, CancellationToken cancellation, string? account = null, string? from = null, string? until = null)
    {
        if (((account is null ? null : Accounts.FaultOf("account", account)) ?? Days.FaultOf("from", from) ?? Days.FaultOf("until", until)) is { } wrong)
            return ApiEndpoints.Problem(400, wrong);
        var last = Days.Read(until) ?? engine.Get<EngineClock>().Now.InUtc().Date.PlusDays(1);
        var first = Days.Read(from) ?? last.PlusDays(-UsualDays);
        if (Period.DaysBetween(first, last) is < 0 or > MostDays)
            return ApiEndpoints.Problem(400, $"from and until are 0 to {MostDays} days apart.");
        List<StatementDayReply> days = [];
        foreach (var one in engine.Get<RegisteredGateways>().Accounts.Where(one => account is null || one.ToString() == account).OrderBy(one => one.ToString(), StringComparer.Ordinal))
        {
            var known = await engine.Get<IReconciliationStore>().DaysAsync(one, first, cancellation);
            days.AddRange(known.Where(day => day.Key <= last).OrderBy(day => day.Key).Select(day => new StatementDayReply(one, day.Key, day.Value.State, day.Value.At, day.Value.Differences)));
        }

        return Answer.Of(days);
    }

    private static async Task<IResult> FindAsync(string account, string day, ApiEngine engine, CancellationToken cancellation, int after = 0, int limit = Page.Usual)
    {
        if ((Accounts.FaultOf("account", account) ?? Days.FaultOf("day", day)) is { } wrong)
            return ApiEndpoints.Problem(400, wrong);
        if (Page.FaultOf(limit) is { } fault)
            return fault;
        return await engine.Get<IReconciliationStore>().FindAsync(MerchantAccount.Parse(account), Days.Read(day)!.Value, cancellation) is { } report
            ? Answer.Of(StatementReply.Of(report, after, limit))
            : ApiEndpoints.Problem(404, $"The statement of {day} was not read for {account}.");
    }

    private static async Task<IResult> RunAsync(ReconcileBody body, ApiEngine engine, CancellationToken cancellation)
    {
        if (Accounts.Find(body.Account, engine, out var account) is { } fault)
            return fault;
        if (new StatementDays(engine.Get<RegisteredGateways>()[account].Traits).Of(engine.Get<EngineClock>().Now) is var today && body.Day > today)
            return ApiEndpoints.Problem(400, $"day is {body.Day:uuuu-MM-dd}, which has not come; at {account} it is {today:uuuu-MM-dd}.");
        return Answer.Of(StatementReply.Of(await engine.Get<Reconciler>().RunAsync(account, body.Day, null, cancellation), 0, Page.Usual));
    }
}

/// <summary>Days, as callers write them in addresses.</summary>
internal static class Days
{
    /// <summary>What is wrong with a day; null: nothing, or there is none.</summary>
    public static string? FaultOf(string field, string? text) =>
        text is null ? null
        : LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var day } ? Check.Day(field, day)
        : $"{field}: write a day such as 2026-03-05.";

    /// <summary>A day that was checked.</summary>
    public static LocalDate? Read(string? text) => text is null ? null : LocalDatePattern.Iso.Parse(text).Value;
}

/// <summary>A rail's statement is to be read now.</summary>
/// <param name="Account">Whose: <c>rail:number</c>.</param>
/// <param name="Day">Which statement day of the rail.</param>
/// <example>{ "account": "wechat:1900000109", "day": "2026-03-05" }</example>
internal sealed record ReconcileBody(string Account, LocalDate Day) : IBody
{
    string? IBody.Fault => null;
}

/// <summary>A statement day that was looked at.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Day">Which statement day of the rail.</param>
/// <param name="State">What became of it.</param>
/// <param name="At">When it was last tried; of a complete one, when it was read.</param>
/// <param name="Differences">How many it has, notes of another day aside.</param>
internal sealed record StatementDayReply(MerchantAccount Account, LocalDate Day, ReconciliationState State, Instant At, long Differences);

/// <summary>One statement day beside the ledger.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Day">Which statement day of the rail.</param>
/// <param name="State">What became of it.</param>
/// <param name="Why">Why it is not complete.</param>
/// <param name="Started">When the run began.</param>
/// <param name="Finished">When it ended.</param>
/// <param name="Lines">The statement's lines.</param>
/// <param name="Matched">Lines the ledger had already.</param>
/// <param name="Absent">Orders in flight that were proved never to have been taken.</param>
/// <param name="Total">How many differences there are, notes of another day aside.</param>
/// <param name="Differences">One page of them.</param>
internal sealed record StatementReply(
    MerchantAccount Account, LocalDate Day, ReconciliationState State, string? Why, Instant Started, Instant Finished, long Lines, long Matched, long Absent, long Total,
    PageReply<Difference> Differences)
{
    public static StatementReply Of(ReconciliationReport x, int after, int limit)
    {
        var read = x.Differences.Select((difference, index) => (difference, Number: index + 1)).Skip(after).Take(limit + 1).ToList();
        return new(
            x.Account, x.Day, x.State, x.Why, x.Started, x.Finished, x.Lines, x.Matched, x.Absent, x.Total, Page.Of(read, limit, one => one.difference, one => one.Number));
    }
}
