using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Dashboard;

internal static partial class EventWords
{
    public static EventLine? OfMoney(SubscriptionEvent e, Words w) => e switch
    {
        Requested x => new(
            x.Send == 1 ? w[$"Order sent: {Of(x.Order, w)}", $"发出扣款：{Of(x.Order, w)}"] : w[$"Order sent again ({x.Send}): {Of(x.Order, w)}", $"再次发出（{x.Send}）：{Of(x.Order, w)}"],
            $"{Words.Money(x.Amount)}, {Of(x.Authority, w)}, {x.Order}"),
        OrderFound x => new(w["The rail has an order that was lost here", "渠道存在本地丢失的订单"], $"{Words.Money(x.Amount)}, {x.Order}"),
        Hinted x => new(w["Something unproven was heard", "收到未证实的消息"], x.Reason is { } reason ? $"{w.Of(reason)}: {x.Hint}" : x.Hint),
        Asked x => new(w["The rail was asked for an order", "查询订单"], Answered(x.Answer, x.Asks, w)),
        NotTaken x => new(w["The rail did not take the order", "渠道未受理订单"], Of(x.Outcome, w)),
        Charged x => new(w[$"Paid: {Of(x.Order, w)}", $"扣款成功：{Of(x.Order, w)}"], w[
            $"{Words.Money(x.Amount)} at {w.At(x.PaidAt)}, until {w.At(x.PaidUntil)}, {x.RailTransaction}", $"{Words.Money(x.Amount)}，{w.At(x.PaidAt)}，有效至 {w.At(x.PaidUntil)}，{x.RailTransaction}"]),
        Failed x => new(
            w[$"Declined: {w.Of(x.Reason)}", $"扣款失败：{w.Of(x.Reason)}"],
            $"{Of(x.Order, w)}, {x.RailCode}, {x.Policy}; {(x.RetryAt is { } retry ? w[$"next try {w.At(retry)}", $"下次 {w.At(retry)}"] : w["no further try", "不再尝试"])}"),
        Overpaid x => new(w["Money that is not owed", "不应收的款项"], $"{Words.Money(x.Amount)}, {w.Of(x.Reason)}, {x.RailTransaction}"),
        RefundGranted x => new(w["Refund granted", "同意退款"], $"{Words.Money(x.Amount)}; {By(x.By, x.Why)}"),
        RefundRequested x => new(w["Refund sent", "发出退款"], $"{Words.Money(x.Amount)}, {x.Refund}"),
        Refunded x => new(w["Refunded", "已退款"], $"{Words.Money(x.Amount)}, {w.At(x.RefundedAt)}, {x.RailRefund}"),
        PaidOutside x => new(w["Refund paid outside the rail", "渠道外退款"], $"{Words.Money(x.Amount)}; {By(x.By, x.Reference)}"),
        Disputed x => new(w["Payment disputed", "付款争议"], $"{Words.Money(x.Amount)}, {x.Dispute}: {x.Why}"),
        DisputeSettled x => new(x.Won ? w["Dispute won", "争议胜诉"] : w["Dispute lost", "争议败诉"], $"{x.Dispute}, {Words.Money(x.TakenBack)}"),
        _ => null,
    };

    private static string Of(OrderNumber order, Words w) => w[$"{order.Charge}, try {order.Attempt}", $"第 {order.Charge.Ordinal} 期，第 {order.Attempt} 次"];

    private static string Of(ChargeAuthority authority, Words w) => authority switch
    {
        ChargeAuthority.Notice x => w[$"because of notice {x.NoticeId}", $"依据通知 {x.NoticeId}"],
        ChargeAuthority.SigningConsent => w["because of the signing", "依据签约"],
        ChargeAuthority.MemberPresent => w["the member pays", "会员主动支付"],
        _ => throw new InvalidOperationException($"No words for {authority.GetType().Name}."),
    };

    private static string Of(ChargeOutcome outcome, Words w) => outcome switch
    {
        ChargeOutcome.Refused x => w[$"refused: {x.RailCode} {x.Why}", $"拒绝：{x.RailCode} {x.Why}"],
        ChargeOutcome.NotSent x => w[$"not sent: {x.Why}", $"未发出：{x.Why}"],
        ChargeOutcome.Missing => w["the rail has no such order", "渠道无此订单"],
        ChargeOutcome.Absent x => w[$"in no statement: {x.Proof}", $"对账单均无：{x.Proof}"],
        ChargeOutcome.Declined x => $"{w.Of(x.Reason)}: {x.RailCode}",
        _ => outcome.GetType().Name,
    };
}
