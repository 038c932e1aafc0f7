using NodaTime;
using Renewals.Core.Audit;
using Renewals.Core.Plans;
using Renewals.Host.Api;

namespace Renewals.Host.Dashboard;

/// <summary>The counts that pages show.</summary>
internal sealed class DashboardData : IDisposable
{
    /// <summary>How many days are looked ahead: today, and the thirty after it.</summary>
    public const int DaysAhead = 31;

    /// <summary>How many days of declines are looked back at.</summary>
    public const int DaysBack = 30;

    /// <summary>How many agreements are listed.</summary>
    public const int MostListed = 200;

    private readonly ApiEngine engine;
    private readonly CancellationTokenSource ends = new();

    public DashboardData(ApiEngine engine, DashboardSettings settings)
    {
        this.engine = engine;
        Zone = RenewalZones.Get(settings.Zone);
        Day = new(cancellation => engine.Get<DaySurvey>().RunAsync(StartOfDay(), cancellation), ends.Token);
        Outlook = new(cancellation => engine.Get<OutlookSurvey>().RunAsync(Now, DaysAhead, Zone, MostListed, cancellation), ends.Token);
        Dunning = new(
            cancellation => engine.Get<DunningSurvey>().RunAsync(Now - Duration.FromDays(DaysBack), StartOfDay(), Now + Duration.FromMilliseconds(1), cancellation), ends.Token);
    }

    /// <summary>The zone of days and moments.</summary>
    public DateTimeZone Zone { get; }

    /// <summary>How today goes.</summary>
    public Counted<DayReport> Day { get; }

    /// <summary>What is to be charged.</summary>
    public Counted<OutlookReport> Outlook { get; }

    /// <summary>What became of declines.</summary>
    public Counted<DunningReport> Dunning { get; }

    /// <summary>Now, by the engine's clock.</summary>
    public Instant Now => engine.Get<DaySurvey>().Now;

    public void Dispose()
    {
        ends.Cancel();
        ends.Dispose();
    }

    private Instant StartOfDay() => Zone.AtStartOfDay(Now.InZone(Zone).Date).ToInstant();
}
