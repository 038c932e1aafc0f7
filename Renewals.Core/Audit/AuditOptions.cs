using System.ComponentModel.DataAnnotations;

namespace Renewals.Core.Audit;

/// <summary>Bounds of comparing statements with the ledger. Checked at start; a value out of range refuses to start and names the option.</summary>
public sealed class AuditOptions
{
    /// <summary>How many statement lines are looked at together. Default 500, 1 to 5,000.</summary>
    [Range(1, 5_000)]
    public int LinesAtOnce { get; set; } = 500;

    /// <summary>How many differences that only one side has are listed of each kind; all are counted. Default 10,000, 100 to 1,000,000.</summary>
    [Range(100, 1_000_000)]
    public int MaxListed { get; set; } = 10_000;

    /// <summary>Whether the worker reads every account's statements by itself. Default true; false: only the command <c>reconcile</c> does.</summary>
    public bool Reconcile { get; set; } = true;

    /// <summary>How many statement days back the worker makes up for after an outage. Default 30, 1 to 90.</summary>
    /// <remarks>Rails give statements for a month (UnionPay) to three (WeChat Pay). Days before are left out and said in the log.</remarks>
    [Range(1, 90)]
    public int ReconcileDaysBack { get; set; } = 30;

    /// <summary>How long a statement that could not be had is at least left alone before it is asked for again. Default 15 min, 1 min to 6 h.</summary>
    /// <remarks>The wait doubles up to <see cref="ReconcileAgainAtMost"/>: a day without business may look for a day and more like one that is being made.</remarks>
    [Range(typeof(TimeSpan), "00:01:00", "06:00:00")]
    public TimeSpan ReconcileAgainAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long it is at most left alone. Default 4 h, 1 min to 24 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan ReconcileAgainAtMost { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How many callbacks that were not believed are kept of an account on one day (UTC), 16 KiB of each. Default 50, 0 to 1,000.</summary>
    /// <remarks>A bound for the disk: with the defaults at most 28 MB of an account in 35 days, whatever a stranger sends.</remarks>
    [Range(0, 1_000)]
    public int RejectedCallbacksADay { get; set; } = 50;

    /// <summary>How long raw statements and callbacks are kept, encrypted. Default 35 days, 1 to 400 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "400.00:00:00")]
    public TimeSpan KeepDocumentsFor { get; set; } = TimeSpan.FromDays(35);

    /// <summary>
    /// How many years records of payments must be kept after the year of a member's last event, as an erasure says it. Default 10, 3 to 100. It deletes nothing.
    /// </summary>
    /// <remarks>
    /// Ten years: account books, vouchers and other tax material, article 29 of the rules for the Tax Collection Law (税收征收管理法实施细则). Three at least:
    /// transactions, article 31 of the E-Commerce Law (电子商务法). Where the events are your accounting vouchers, thirty (会计档案管理办法).
    /// </remarks>
    [Range(3, 100)]
    public int KeepPaymentsForYears { get; set; } = 10;
}
