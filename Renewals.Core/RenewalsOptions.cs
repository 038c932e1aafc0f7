using Renewals.Core.Audit;
using Renewals.Core.Calendar;
using Renewals.Core.Charging;
using Renewals.Core.Engine;
using Renewals.Core.Ledger;
using Renewals.Core.Plans;

namespace Renewals.Core;

/// <summary>What a host sets when it embeds Renewals.</summary>
public sealed class RenewalsOptions
{
    /// <summary>Where the ledger's database is (PostgreSQL 13 or later); required unless <see cref="InMemory"/>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>True: nothing outlives the process. For tests and simulations only. Default false.</summary>
    public bool InMemory { get; set; }

    /// <summary>
    /// What this ledger is for, such as <c>production</c> or <c>staging</c>. Written into an empty ledger at its first start; a host of another
    /// environment freezes it: nothing is charged until it is adopted. Default <c>production</c>; 1 to 64 characters.
    /// </summary>
    public string Environment { get; set; } = "production";

    /// <summary>
    /// A folder of this host, outside the database and its backups, where it keeps the last event it has seen; made when missing. A database that was
    /// restored to an earlier moment is known by it. Default none: then only other hosts notice that.
    /// </summary>
    public string? StateFolder { get; set; }

    /// <summary>
    /// When the files of the database were made on this disk, where the host can see them: another one means a copied data folder. Default none.
    /// </summary>
    public string? FilesBorn { get; set; }

    /// <summary>
    /// True: the database's schema is made, or changed to what this version wants, at the start. False: it is only compared, and a start on another schema
    /// is refused. Default true.
    /// </summary>
    public bool AppliesSchema { get; set; } = true;

    /// <summary>The plans that can be sold; at least one.</summary>
    public IList<Plan> Plans { get; } = [];

    /// <summary>The coupons that can be used. Default none.</summary>
    public IList<Coupon> Coupons { get; } = [];

    /// <summary>The law of the market. Default: mainland China.</summary>
    public MarketRules Law { get; set; } = MarketRules.MainlandChina;

    /// <summary>What happens after a decline. Default: <see cref="DunningPolicy.Standard"/>.</summary>
    public DunningPolicy Dunning { get; set; } = DunningPolicy.Standard;

    /// <summary>Bounds of the engine.</summary>
    public EngineOptions Engine { get; } = new();

    /// <summary>Bounds of the audit.</summary>
    public AuditOptions Audit { get; } = new();

    /// <summary>The keys of the vault; required unless <see cref="InMemory"/>.</summary>
    public VaultOptions Vault { get; } = new();

    /// <summary>
    /// The part of the orders whose traces are kept, where somebody listens to the activity source <see cref="EngineTraces.SourceName"/>. It is decided from
    /// the order's number: hosts of one ratio keep the same traces. Default 1: all; 0 to 1.
    /// </summary>
    public double TraceRatio { get; set; } = 1;

    /// <summary>False: this process answers requests and callbacks but sweeps nothing and reads no statements. Default true.</summary>
    public bool RunWorker { get; set; } = true;
}
