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

    /// <summary>How long raw statements are kept, encrypted. Default 35 days, 1 to 400 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "400.00:00:00")]
    public TimeSpan KeepDocumentsFor { get; set; } = TimeSpan.FromDays(35);
}
