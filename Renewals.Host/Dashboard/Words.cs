using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Agreements;
using Renewals.Core.Audit;
using Renewals.Core.Charging;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Dashboard;

/// <summary>A page's language, and how it writes days, moments, amounts and states. Both languages stand beside each other where a text is used.</summary>
public sealed partial class Words(bool chinese, DateTimeZone zone)
{
    private static readonly LocalDateTimePattern Moments = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss");

    /// <summary>The language's tag.</summary>
    public string Tag => chinese ? "zh-CN" : "en";

    /// <summary>The zone of moments.</summary>
    public string Zone => zone.Id;

    /// <summary>A text in the page's language.</summary>
    public string this[string english, string inChinese] => chinese ? inChinese : english;

    /// <summary>A moment.</summary>
    public string At(Instant at) => Moments.Format(at.InZone(zone).LocalDateTime);

    /// <summary>A moment that may be missing.</summary>
    public string At(Instant? at) => at is { } moment ? At(moment) : "–";

    /// <summary>A day.</summary>
    public static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);

    /// <summary>A number.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>An amount in whole units.</summary>
    public static string Money(Money amount) => TimelineWords.Money(amount);

    /// <summary>A share of a whole, in percent; a dash where there is none.</summary>
    public static string Share(long part, long whole) => whole == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0.0} %");

    /// <summary>Where a membership stands.</summary>
    public string Of(SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.Signing => this["signing", "签约中"],
        SubscriptionStatus.Active => this["active", "有效"],
        SubscriptionStatus.Cancelled => this["cancelled", "已取消"],
        SubscriptionStatus.Ended => this["ended", "已结束"],
        _ => throw new InvalidOperationException($"No words for {status}."),
    };

    /// <summary>What an agreement is.</summary>
    public string Of(AgreementStatus status) => status switch
    {
        AgreementStatus.Signing => this["being signed", "签约中"],
        AgreementStatus.Active => this["in force", "生效"],
        AgreementStatus.Abandoned => this["not signed", "未签约"],
        AgreementStatus.Terminating => this["being ended", "解约中"],
        AgreementStatus.Terminated => this["over", "已解约"],
        AgreementStatus.Suspended => this["suspended", "已暂停"],
        AgreementStatus.Unverified => this["not confirmed yet", "待确认"],
        _ => throw new InvalidOperationException($"No words for {status}."),
    };

    /// <summary>Why a membership waits for a person.</summary>
    public string Of(ParkReason reason) => reason switch
    {
        ParkReason.Fault => this["a decision failed", "处理出错"],
        ParkReason.OutcomeUnknown => this["an order's outcome is unknown", "扣款结果未知"],
        ParkReason.Refused => this["the rail refuses the request", "渠道拒绝请求"],
        ParkReason.NoLawfulDay => this["no lawful day is left", "没有合规的扣款日"],
        ParkReason.Unreachable => this["the member cannot be told", "无法通知会员"],
        ParkReason.Contradiction => this["the rail contradicts itself", "渠道前后矛盾"],
        ParkReason.RefundImpossible => this["a refund is impossible at the rail", "渠道无法退款"],
        ParkReason.AgreementUnknown => this["the agreement's state is unknown", "协议状态未知"],
        ParkReason.Requested => this["a person asked for it", "人工搁置"],
        ParkReason.UnexpectedMoney => this["unexpected money", "意外收款"],
        ParkReason.AgreementSuspended => this["the agreement is suspended", "协议被暂停"],
        ParkReason.CatchUpUndecided => this["missed periods to decide on", "错过的账期待决定"],
        ParkReason.Disputed => this["a payment is disputed", "付款有争议"],
        ParkReason.MovedIn => this["taken over, payments do not fit", "迁入数据不符"],
        _ => throw new InvalidOperationException($"No words for {reason}."),
    };

    /// <summary>Why a charge was declined.</summary>
    public string Of(DeclineReason reason) => reason switch
    {
        DeclineReason.Other => this["other", "其他"],
        DeclineReason.InsufficientFunds => this["insufficient funds", "余额不足"],
        DeclineReason.LimitReached => this["limit reached", "超出限额"],
        DeclineReason.AccountAbnormal => this["account abnormal", "账户异常"],
        DeclineReason.AgreementNotInForce => this["agreement not in force", "协议不存在"],
        DeclineReason.BankFault => this["bank fault", "银行系统异常"],
        DeclineReason.OrderClosed => this["order closed", "订单已关闭"],
        _ => throw new InvalidOperationException($"No words for {reason}."),
    };

    /// <summary>What has become of a declined charge.</summary>
    public string Of(DunningState state) => state switch
    {
        DunningState.Trying => this["still tried", "补扣中"],
        DunningState.Recovered => this["recovered", "已追回"],
        DunningState.GivenUp => this["given up", "已放弃"],
        _ => throw new InvalidOperationException($"No words for {state}."),
    };

    /// <summary>Whether a member has the membership, and why.</summary>
    public string Of(EntitlementReason reason) => reason switch
    {
        EntitlementReason.NotBegun => this["not begun", "尚未开始"],
        EntitlementReason.Trial => this["trial", "试用"],
        EntitlementReason.Paid => this["paid", "已付费"],
        EntitlementReason.Given => this["given", "赠送"],
        EntitlementReason.Grace => this["grace", "宽限期"],
        EntitlementReason.Paused => this["paused", "已暂停"],
        EntitlementReason.Unpaid => this["unpaid", "未付费"],
        EntitlementReason.Ended => this["over", "已结束"],
        _ => throw new InvalidOperationException($"No words for {reason}."),
    };

    /// <summary>What a sum of a membership was.</summary>
    public string Of(AccountLineKind kind) => kind switch
    {
        AccountLineKind.Charge => this["charge", "扣款"],
        AccountLineKind.NotOwed => this["not owed", "不应收"],
        AccountLineKind.Checkout => this["checkout", "收银台支付"],
        AccountLineKind.Refund => this["refund", "退款"],
        AccountLineKind.PaidOutside => this["paid outside", "渠道外退款"],
        AccountLineKind.TakenBack => this["taken back after a dispute", "争议扣回"],
        _ => throw new InvalidOperationException($"No words for {kind}."),
    };

    /// <summary>What became of reading a statement.</summary>
    public string Of(ReconciliationState state) => state switch
    {
        ReconciliationState.Complete => this["read", "已对账"],
        ReconciliationState.NotReady => this["not ready", "尚未出账"],
        ReconciliationState.Failed => this["failed", "失败"],
        _ => throw new InvalidOperationException($"No words for {state}."),
    };

    /// <summary>How ledger and statement differ.</summary>
    public string Of(DifferenceKind kind) => kind switch
    {
        DifferenceKind.OursOnly => this["only here", "仅我方有"],
        DifferenceKind.TheirsOnly => this["only in the statement", "仅对账单有"],
        DifferenceKind.Amount => this["another amount", "金额不符"],
        DifferenceKind.State => this["another state", "状态不符"],
        DifferenceKind.RefundElsewhere => this["a refund made elsewhere", "他处退款"],
        DifferenceKind.OtherDay => this["on another day", "日期不同"],
        _ => throw new InvalidOperationException($"No words for {kind}."),
    };

    /// <summary>What is stopped.</summary>
    public string Of(ChargeStop stop) => stop switch
    {
        { Rule: FuseRule.Frozen } => this["everything: the ledger is frozen", "全部：账本已冻结"],
        { Scope: StopScope.Everything } => this["everything", "全部"],
        { IsOfLateCharges: true } => this[$"late charges of {stop.Key}", $"{stop.Key} 的逾期扣款"],
        { Scope: StopScope.Account } => this[$"account {stop.Key}", $"商户号 {stop.Key}"],
        { Scope: StopScope.Plan } => this[$"plan {stop.Key}", $"套餐 {stop.Key}"],
        { Scope: StopScope.Membership } => this[$"membership {stop.Key}", $"会员 {stop.Key}"],
        _ => throw new InvalidOperationException($"No words for {stop.Scope}."),
    };

    /// <summary>Why it is stopped, as a rule.</summary>
    public string Of(FuseRule? rule) => rule switch
    {
        null => this["hold", "人工暂停"],
        FuseRule.MemberCharges => this["fuse: charges of a member", "熔断：会员扣款次数"],
        FuseRule.OverForecast => this["fuse: over the forecast", "熔断：超出预计"],
        FuseRule.Declines => this["fuse: declines", "熔断：失败率"],
        FuseRule.ForeignOrder => this["fuse: foreign order", "熔断：非我方订单"],
        FuseRule.Frozen => this["frozen", "冻结"],
        FuseRule.LateMoney => this["fuse: late money", "熔断：逾期金额"],
        _ => throw new InvalidOperationException($"No words for {rule}."),
    };
}
