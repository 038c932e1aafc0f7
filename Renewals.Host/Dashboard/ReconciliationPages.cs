using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Engine;
using Renewals.Core.Gateways;
using Renewals.Core.Ledger;
using Renewals.Host.Api;
using Renewals.Host.Dashboard.Pages;

namespace Renewals.Host.Dashboard;

/// <summary>The rails' statements beside the ledger: which days were read, and what differs.</summary>
internal static class ReconciliationPages
{
    /// <summary>How many differences of a day are shown.</summary>
    public const int MostListed = 200;

    private const int DaysBack = 35;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/reconciliation", ShowAsync).ForPage(ApiRole.Reader);

    private static async Task<IResult> ShowAsync(ApiEngine engine, DashboardData data, CancellationToken cancellation, string account = "", string day = "")
    {
        var store = engine.Get<IReconciliationStore>();
        var accounts = engine.Get<RegisteredGateways>().Accounts;
        var from = data.Now.InZone(data.Zone).Date.PlusDays(-DaysBack);
        List<ReadDay> days = [];
        foreach (var one in accounts.OrderBy(one => $"{one}", StringComparer.Ordinal))
        {
            days.AddRange((await store.DaysAsync(one, from, cancellation)).OrderByDescending(known => known.Key)
                .Select(known => new ReadDay(one, known.Key, known.Value.State, known.Value.At, known.Value.Differences)));
        }

        var shown = accounts.FirstOrDefault(one => $"{one}" == account);
        var report = shown != default && Days.FaultOf("day", day) is null && Days.Read(day) is { } date ? await store.FindAsync(shown, date, cancellation) : null;
        return new PageResult<ReconciliationPage>(new Dictionary<string, object?> { [nameof(ReconciliationPage.Days)] = days, [nameof(ReconciliationPage.Report)] = report });
    }
}

/// <summary>A statement day.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Day">Which.</param>
/// <param name="State">What became of reading it.</param>
/// <param name="At">When it was read, or last tried.</param>
/// <param name="Differences">How many differences it has.</param>
public sealed record ReadDay(MerchantAccount Account, LocalDate Day, ReconciliationState State, Instant At, long Differences);
