using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>All the rail knows, and the one lock around it.</summary>
internal sealed class WeChatPayState
{
    private readonly Dictionary<string, SandboxTemplate> templates;
    private readonly TimeProvider time;

    public WeChatPayState(WeChatPaySandboxOptions options, WeChatPaySandboxCredentials credentials, SandboxBank bank, TimeProvider time)
    {
        (Options, Credentials, Bank, this.time) = (options, credentials, bank, time);
        Account = new MerchantAccount("wechat", credentials.MchId);
        templates = options.Templates.ToDictionary(template => template.PlanId, StringComparer.Ordinal);
    }

    /// <summary>Held by whoever reads or changes anything below.</summary>
    public Lock Gate { get; } = new();

    public WeChatPaySandboxOptions Options { get; }

    public WeChatPaySandboxCredentials Credentials { get; }

    public MerchantAccount Account { get; }

    public SandboxBank Bank { get; }

    public DueQueue Queue { get; } = new();

    public ScriptedDeclines Declines { get; } = new();

    /// <summary>By contract code: a code is used once, whatever became of it.</summary>
    public Dictionary<string, Signing> Signings { get; } = new(StringComparer.Ordinal);

    /// <summary>By <c>pre_entrustweb_id</c> or <c>prepay_id</c>.</summary>
    public Dictionary<string, Signing> SigningsBySession { get; } = new(StringComparer.Ordinal);

    /// <summary>By contract id.</summary>
    public Dictionary<string, Contract> Contracts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Contract> ContractsByCode { get; } = new(StringComparer.Ordinal);

    /// <summary>One active contract per user and template.</summary>
    public Dictionary<(string OpenId, string PlanId), Contract> Active { get; } = [];

    /// <summary>By order number.</summary>
    public Dictionary<string, Order> Orders { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Order> OrdersByPrepay { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Order> OrdersByTransaction { get; } = new(StringComparer.Ordinal);

    /// <summary>By the merchant's refund number.</summary>
    public Dictionary<string, Refund> Refunds { get; } = new(StringComparer.Ordinal);

    public List<RailNotice> Notices { get; } = [];

    /// <summary>Set on the merchant platform: template terminations and refunds made there are told to it; null tells nobody.</summary>
    public Uri? MerchantNotifyUrl { get; set; }

    public Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    public SandboxTemplate? Template(string planId) => templates.GetValueOrDefault(planId);

    /// <summary>The id of a member under the merchant's app.</summary>
    public string OpenIdOf(string member) => "o" + StableId.Base64Url(27, "openid", Credentials.AppId, member);

    /// <summary>Finds a contract by its id, or by template and code.</summary>
    public Contract? FindContract(V2Call call) => call["contract_id"] is { Length: > 0 } id
        ? Contracts.GetValueOrDefault(id)
        : ContractsByCode.GetValueOrDefault(call["contract_code"]) is { } found && found.Template.PlanId == call["plan_id"] ? found : null;

    /// <summary>Finds an order; the transaction id wins over the order number.</summary>
    public Order? FindOrder(string transactionId, string orderNumber) => transactionId.Length > 0
        ? OrdersByTransaction.GetValueOrDefault(transactionId)
        : Orders.GetValueOrDefault(orderNumber);
}
