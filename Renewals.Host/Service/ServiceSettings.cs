using Renewals.Core.Audit;
using Renewals.Core.Engine;

namespace Renewals.Host.Service;

/// <summary>The section <c>Renewals</c> of the settings, as it was written; <see cref="SettingsReader"/> reads and checks it.</summary>
internal sealed class ServiceSettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Renewals";

    /// <summary>A PostgreSQL server of your own. Default none: the embedded one is run.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Where the embedded PostgreSQL keeps its data. Default: see <see cref="DataFolders"/>.</summary>
    public string? DataFolder { get; set; }

    /// <summary>What the ledger is for; a host of another environment freezes it. Default <c>production</c>; with the sandbox always <c>sandbox</c>.</summary>
    public string? Environment { get; set; }

    /// <summary>
    /// What a start does with the database's schema. Default: a server of your own in production is only compared (<c>migrate</c> changes it), any other
    /// database is changed.
    /// </summary>
    public SchemaAtStart? Schema { get; set; }

    /// <summary>Where this host keeps the last event it has seen. Default: beside the data folder; see <see cref="DataFolders.State"/>.</summary>
    public string? StateFolder { get; set; }

    /// <summary>The folder with <c>initdb</c> and <c>postgres</c>. Default none: the usual places are searched.</summary>
    public string? PostgresPrograms { get; set; }

    /// <summary>Where callbacks, the API and the health check listen; several are separated by semicolons. Default port 5080 of this machine.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:5080";

    /// <summary>The plans that can be sold; at least one.</summary>
    public IList<PlanSettings> Plans { get; } = [];

    /// <summary>The coupons that can be used. Default none.</summary>
    public IList<CouponSettings> Coupons { get; } = [];

    /// <summary>A file with laws of one's own, in the form of <c>law-packs.json</c>; plans name them like the others. Default none.</summary>
    public string? LawsFile { get; set; }

    /// <summary>The keys that encrypt the rails' ids of members and agreements.</summary>
    public VaultSettings Vault { get; } = new();

    /// <summary>Bounds of the engine.</summary>
    public EngineOptions Engine { get; } = new();

    /// <summary>Bounds of the audit.</summary>
    public AuditOptions Audit { get; } = new();

    /// <summary>Merchant accounts at WeChat Pay, as a list or by any name; see <see cref="RailAccounts"/>.</summary>
    public IConfigurationSection? WeChatPay { get; set; }

    /// <summary>Merchant accounts at Alipay, as a list or by any name; see <see cref="RailAccounts"/>.</summary>
    public IConfigurationSection? Alipay { get; set; }

    /// <summary>Who may use the HTTP API. Default: callers on this machine.</summary>
    public Api.ApiSettings Api { get; } = new();

    /// <summary>The dashboard.</summary>
    public Dashboard.DashboardSettings Dashboard { get; } = new();

    /// <summary>Merchant accounts at UnionPay, as a list or by any name; see <see cref="RailAccounts"/>.</summary>
    public IConfigurationSection? UnionPay { get; set; }

    /// <summary>Accounts at Stripe, as a list or by any name; see <see cref="RailAccounts"/>.</summary>
    public IConfigurationSection? Stripe { get; set; }

    /// <summary>Where events of memberships are sent. Default: nowhere.</summary>
    public Webhooks.WebhookSettings Webhooks { get; } = new();

    /// <summary>Where traces and metrics are sent. Default: nowhere.</summary>
    public TelemetrySettings Telemetry { get; } = new();

    /// <summary>Who tells members of coming charges.</summary>
    public NotifierSettings Notifier { get; } = new();
}

/// <summary>What a start does with the database's schema.</summary>
internal enum SchemaAtStart
{
    /// <summary>Makes it what this version wants.</summary>
    Apply,

    /// <summary>Compares it, and refuses to start on another.</summary>
    Check,
}

/// <summary>One plan, as it was written; <see cref="PlanReader"/> reads it.</summary>
internal sealed partial class PlanSettings
{
    /// <summary>Short name. Required.</summary>
    public string Id { get; set; } = "";

    /// <summary>Version, 1 or more. Default 1.</summary>
    public int Version { get; set; } = 1;

    /// <summary>What is sold, as the member reads it. Required.</summary>
    public string Subject { get; set; } = "";

    /// <summary><c>month</c>, <c>quarter</c>, <c>year</c>, or a count and a unit such as <c>6 months</c>. Required.</summary>
    public string Interval { get; set; } = "";

    /// <summary>Price of a period in minor units (fen 分). Required.</summary>
    public long Price { get; set; }

    /// <summary>ISO code. Default CNY.</summary>
    public string Currency { get; set; } = "CNY";

    /// <summary>Price of the first period in minor units. Default: the full price.</summary>
    public long? FirstPeriodPrice { get; set; }

    /// <summary>False: nobody can sign it any more; who has it goes on. Default true.</summary>
    public bool OnSale { get; set; } = true;

    /// <summary>False for a membership of one period. Default true.</summary>
    public bool Renews { get; set; } = true;

    /// <summary>What becomes of missed periods: <c>current-period-only</c>, <c>forgive</c>, <c>ask</c> or <c>oldest-first</c>. Default <c>current-period-only</c>.</summary>
    public string CatchUp { get; set; } = CatchUpWords.Of(Core.Plans.CatchUpPolicy.CurrentPeriodOnly);

    /// <summary>The law it is sold under, by name. Default <c>mainland-china-2021</c>.</summary>
    public string Law { get; set; } = Core.Calendar.MarketRules.MainlandChina.Name;

    /// <summary>When members are not told anything, such as <c>22:00-08:00</c>, in the plan's zone; <c>none</c>: at any time. Default <c>22:00-08:00</c>.</summary>
    public string QuietHours { get; set; } = "22:00-08:00";

    /// <summary>Zone of the plan's dates. Default Asia/Shanghai.</summary>
    public string Zone { get; set; } = Core.Plans.RenewalZones.Shanghai;

    /// <summary>The rail's template by merchant account. Required.</summary>
    /// <remarks>An account is written <c>wechat:1900000109</c>; to the configuration system the colon is a step down, hence two levels.</remarks>
    public Dictionary<string, Dictionary<string, string>> Templates { get; } = [];
}

/// <summary>The vault's keys, as they were written.</summary>
internal sealed class VaultSettings
{
    /// <summary>Name of the key that encrypts. Default: the only one there is.</summary>
    public string? CurrentKey { get; set; }

    /// <summary>Keys by name: base64 of 32 random bytes.</summary>
    public Dictionary<string, string> Keys { get; } = [];
}

/// <summary>The merchant's own service that tells members.</summary>
internal sealed class NotifierSettings
{
    /// <summary>Every notice is posted there. Required unless the sandbox is run.</summary>
    public string? Url { get; set; }

    /// <summary>How long an answer may take. Default 10 s; 1 s to 1 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What signs notices, as at <see cref="Webhooks.WebhookEndpointSettings.Secrets"/>. Default none: they are not signed.</summary>
    public IList<string> Secrets { get; } = [];
}
