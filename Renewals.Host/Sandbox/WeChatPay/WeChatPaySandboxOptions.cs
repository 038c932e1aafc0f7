namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>How the sandbox is set up. Everything has a default.</summary>
public sealed record WeChatPaySandboxOptions
{
    /// <summary>Keys and names of the merchant and the platform; null (the default) generates them at start.</summary>
    public WeChatPaySandboxCredentials? Credentials { get; init; }

    /// <summary>The approved templates (协议模板). Default: <c>90001</c> with notices, <c>90024</c> in 24-hour mode.</summary>
    public IReadOnlyList<SandboxTemplate> Templates { get; init; } =
        [new SandboxTemplate("90001", NoticeMode.PreNotice), new SandboxTemplate("90024", NoticeMode.TwentyFourHour)];

    /// <summary>What becomes of a charge. Asked once per order, under the sandbox's lock: it must be quick.</summary>
    /// <remarks>Default: paid after two seconds if the balance suffices. Without funds nothing succeeds.</remarks>
    public Func<ChargeDraw, ChargeDecision> Charges { get; init; } = _ => new ChargeDecision();

    /// <summary>What becomes of the callbacks of a contract (ADD and DELETE). Default: delivered once, after one second.</summary>
    public Func<ContractNews, CallbackFate> SigningCallbacks { get; init; } = _ => new CallbackFate();

    /// <summary>What becomes of the callback of a cashier payment, by order number. Default: delivered once, after one second.</summary>
    public Func<string, CallbackFate> CashierCallbacks { get; init; } = _ => new CallbackFate();

    /// <summary>Whether pre-signing fails while the order of pay-while-signing (支付中签约) is made, by contract code. Default: never.</summary>
    public Func<string, bool> PreSignFails { get; init; } = _ => false;

    /// <summary>What becomes of a refund, by refund number; asked once for each. Default: the money is back after five seconds.</summary>
    public Func<string, RefundDecision> Refunds { get; init; } = _ => new RefundDecision();

    /// <summary>Bills in the layout of older accounts, with 24 columns. Default: false, 27 columns.</summary>
    public bool OldBillLayout { get; init; }

    /// <summary>How many callbacks are in flight together, 1 to 64. Default 1: one after another, in the order of their keys.</summary>
    public int CallbacksAtOnce { get; init; } = 1;

    /// <summary>How long the merchant may take to answer a callback, in real time. Default: the rail's 5 s.</summary>
    public TimeSpan CallbackTimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Which key the platform signs with. Default: the platform certificate.</summary>
    public PlatformKeyMode KeyMode { get; init; }
}

/// <summary>The two schemes of platform keys (WeChat Pay API v3).</summary>
public enum PlatformKeyMode
{
    /// <summary>A platform certificate (平台证书), to be had from <c>/v3/certificates</c>.</summary>
    Certificate = 0,

    /// <summary>The WeChat Pay public key (微信支付公钥), serial <c>PUB_KEY_ID_…</c>.</summary>
    PublicKey = 1,
}

/// <summary>How the member learns of a charge (WeChat Pay papay, periodic deduction).</summary>
public enum NoticeMode
{
    /// <summary>The merchant sends a notice, waits two calendar days, then charges (预扣费通知).</summary>
    PreNotice = 0,

    /// <summary>The rail tells the member at apply time and charges 24 hours later.</summary>
    TwentyFourHour = 1,
}

/// <summary>An approved template.</summary>
/// <param name="PlanId">Its number, digits.</param>
/// <param name="Mode">Which notice applies; exactly one does.</param>
/// <param name="MaxPerCharge">The most one charge takes, in fen; the rail starts merchants with 500 CNY.</param>
/// <param name="ValidityYears">How long its contracts live.</param>
public sealed record SandboxTemplate(string PlanId, NoticeMode Mode, long MaxPerCharge = 50_000, int ValidityYears = 10);
