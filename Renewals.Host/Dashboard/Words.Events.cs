using Renewals.Core.Gateways;
using Renewals.Core.Plans;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Dashboard;

public sealed partial class Words
{
    /// <summary>What a membership must do.</summary>
    public string Of(DutyKind duty) => duty switch
    {
        DutyKind.AskSigning => this["ask whether the member signed", "查询签约"],
        DutyKind.ReadRailDate => this["read the rail's charge date", "读取渠道扣款日"],
        DutyKind.VerifyAgreement => this["ask whether the agreement is in force", "核实协议"],
        DutyKind.AskStatements => this["ask the statements for old payments", "查询旧账单"],
        DutyKind.PlanCycle => this["plan the renewal", "排定续费"],
        DutyKind.MoveRailDate => this["move the rail's charge date", "修改渠道扣款日"],
        DutyKind.Remind => this["remind the member", "提醒会员"],
        DutyKind.Announce => this["tell the member", "通知会员"],
        DutyKind.AnnounceAtRail => this["send the rail's own notice", "发送预扣费通知"],
        DutyKind.Charge => this["charge", "扣款"],
        DutyKind.AskCharge => this["ask for the order", "查询订单"],
        DutyKind.Refund => this["refund", "退款"],
        DutyKind.AskRefund => this["ask for the refund", "查询退款"],
        DutyKind.Terminate => this["request the agreement's end", "申请解约"],
        DutyKind.CallTermination => this["end the agreement at the rail", "渠道解约"],
        DutyKind.End => this["end the membership", "结束会员"],
        DutyKind.OfferPrice => this["tell of the other price", "告知新价格"],
        DutyKind.LeaveAgreement => this["use another agreement, or stop", "改用其他协议或停止"],
        DutyKind.ConcludeOffer => this["conclude the offer", "价格答复截止"],
        _ => throw new InvalidOperationException($"No words for {duty}."),
    };

    /// <summary>Who or what stopped renewal.</summary>
    public string Of(CancelledBy by) => by switch
    {
        CancelledBy.Member => this["the member", "会员"],
        CancelledBy.Wallet => this["the member, in the wallet", "会员在钱包解约"],
        CancelledBy.Merchant => this["the merchant", "商户"],
        CancelledBy.Dunning => this["no try left after declines", "补扣用尽"],
        CancelledBy.FirstPayment => this["the first period was not paid", "首期未付"],
        CancelledBy.NotSigned => this["paid, but not signed for more", "已付未签约"],
        CancelledBy.PriceRefused => this["the other price was refused", "未同意新价格"],
        CancelledBy.Dispute => this["a dispute", "付款争议"],
        _ => throw new InvalidOperationException($"No words for {by}."),
    };

    /// <summary>Why a membership is over.</summary>
    public string Of(EndReason reason) => reason switch
    {
        EndReason.SignAbandoned => this["the signing was not finished", "签约未完成"],
        EndReason.Cancelled => this["cancelled, and the paid time is over", "已取消且到期"],
        EndReason.TermOver => this["it does not renew, and its period is over", "不续费且到期"],
        _ => throw new InvalidOperationException($"No words for {reason}."),
    };

    /// <summary>Why money is not owed.</summary>
    public string Of(OverpaidReason reason) => reason switch
    {
        OverpaidReason.SecondSuccess => this["the charge was paid already", "重复扣款"],
        OverpaidReason.AfterCancel => this["paid after the cancel", "取消后扣款"],
        OverpaidReason.WrongAmount => this["another amount than ordered", "金额不符"],
        OverpaidReason.NotOrdered => this["not ordered here", "非我方订单"],
        OverpaidReason.GivenBack => this["given back already", "已退回"],
        _ => throw new InvalidOperationException($"No words for {reason}."),
    };

    /// <summary>What came of a notice at the rail.</summary>
    public string Of(RailNoticeResult result) => result switch
    {
        RailNoticeResult.Sent => this["sent", "已发送"],
        RailNoticeResult.Accepted => this["accepted", "已受理"],
        RailNoticeResult.Refused => this["refused", "被拒绝"],
        RailNoticeResult.Unknown => this["unknown", "未知"],
        _ => throw new InvalidOperationException($"No words for {result}."),
    };

    /// <summary>What came of the offer of another price.</summary>
    public string Of(PriceAnswer answer) => answer switch
    {
        PriceAnswer.Silence => this["no answer", "未答复"],
        PriceAnswer.Yes => this["agreed", "同意"],
        PriceAnswer.No => this["not agreed", "不同意"],
        PriceAnswer.Withdrawn => this["withdrawn", "已撤回"],
        PriceAnswer.NotTold => this["lapsed: not told in time", "失效：未及时告知"],
        _ => throw new InvalidOperationException($"No words for {answer}."),
    };

    /// <summary>What becomes of missed periods.</summary>
    public string Of(CatchUpPolicy policy) => policy switch
    {
        CatchUpPolicy.CurrentPeriodOnly => this["current period only", "仅扣当期"],
        CatchUpPolicy.Forgive => this["forgive", "免除"],
        CatchUpPolicy.Ask => this["ask", "人工决定"],
        CatchUpPolicy.OldestFirst => this["oldest first", "逐期补扣"],
        _ => throw new InvalidOperationException($"No words for {policy}."),
    };
}
