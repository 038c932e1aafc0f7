using System.Text.Json;
using Renewals.Core.Audit;
using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>Pages that count: today, the days to come, dunning, agreements that end. Two of them also as files.</summary>
internal static class SurveyPages
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", TodayAsync).ForPage(ApiRole.Reader);
        routes.MapGet("/coming", ComingAsync).ForPage(ApiRole.Reader);
        routes.MapGet("/coming.csv", ComingFileAsync).ForPage(ApiRole.Reader);
        routes.MapGet("/dunning", DunningAsync).ForPage(ApiRole.Reader);
        routes.MapGet("/dunning.csv", DunningFileAsync).ForPage(ApiRole.Reader);
        routes.MapGet("/agreements", AgreementsAsync).ForPage(ApiRole.Reader);
    }

    private static async Task<IResult> TodayAsync(DashboardData data, CancellationToken cancellation) =>
        await data.Day.ReadAsync(cancellation) is { } day
            ? new PageResult<TodayPage>(new Dictionary<string, object?> { [nameof(TodayPage.Day)] = day, [nameof(TodayPage.Dunning)] = await data.Dunning.ReadAsync(cancellation) })
            : Later();

    private static async Task<IResult> ComingAsync(DashboardData data, CancellationToken cancellation) =>
        new PageResult<ComingPage>(new Dictionary<string, object?> { [nameof(ComingPage.Report)] = await data.Outlook.ReadAsync(cancellation) });

    private static async Task<IResult> ComingFileAsync(DashboardData data, CancellationToken cancellation) =>
        await data.Outlook.ReadAsync(cancellation) is { } report
            ? Csv.Of("coming.csv", ["account", "day", "charges", "minorUnits", "currency"], report.Lines.Select(line => (IReadOnlyList<object?>)
                [line.Account, Words.Day(line.Day), line.Count, line.Money.MinorUnits, line.Money.Currency]))
            : Later();

    private static async Task<IResult> DunningAsync(DashboardData data, CancellationToken cancellation) =>
        new PageResult<DunningPage>(new Dictionary<string, object?> { [nameof(DunningPage.Report)] = await data.Dunning.ReadAsync(cancellation) });

    private static async Task<IResult> DunningFileAsync(DashboardData data, CancellationToken cancellation) =>
        await data.Dunning.ReadAsync(cancellation) is { } report
            ? Csv.Of("dunning.csv", ["account", "reason", "declines", "state", "charges", "recoveredMinorUnits", "currency"], report.Lines.Select(Row))
            : Later();

    private static async Task<IResult> AgreementsAsync(DashboardData data, CancellationToken cancellation) =>
        new PageResult<AgreementsPage>(new Dictionary<string, object?> { [nameof(AgreementsPage.Report)] = await data.Outlook.ReadAsync(cancellation) });

    private static IReadOnlyList<object?> Row(DunningLine line) =>
        [line.Account, Word(line.Reason), line.Declines, Word(line.State), line.Count, line.Recovered?.MinorUnits, line.Recovered?.Currency];

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}");

    private static IResult Later() => MessagePage.Of(503, "Being counted; ask again in a while.", "统计中，请稍后重试。");
}
