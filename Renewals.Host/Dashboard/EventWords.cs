using Renewals.Core.Agreements;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Host.Dashboard;

/// <summary>One event of a membership, for people: what happened, and why. Reasons in words stand as they were stored.</summary>
/// <param name="Title">What.</param>
/// <param name="Why">Why, or what else it says; empty: nothing.</param>
public sealed record EventLine(string Title, string Why = "")
{
    /// <summary>The words of an event.</summary>
    public static EventLine Of(SubscriptionEvent e, Words w) =>
        EventWords.OfSigning(e, w) ?? EventWords.OfRenewal(e, w) ?? EventWords.OfMoney(e, w) ?? EventWords.OfChange(e, w)
        ?? throw new InvalidOperationException($"No words for {e.GetType().Name}.");
}

/// <summary>The words of events, by what they are about. Each gives null for an event of another kind.</summary>
internal static partial class EventWords
{
    public static EventLine? OfSigning(SubscriptionEvent e, Words w) => e switch
    {
        Enrolled x => new(w["Signing began", "开始签约"], $"{x.Terms.Subject} ({x.Terms.PlanId}/{x.Terms.PlanVersion}), {x.Account}, {Words.Money(x.Terms.FirstPeriodPrice)} → {Words.Money(x.Terms.Price)}"),
        Imported x => new(w["Taken over from another system", "从其他系统迁入"], w[
            $"{x.Terms.PlanId}/{x.Terms.PlanVersion}; {x.PaidPeriods} periods paid there, until {w.At(x.PaidUntil)}", $"{x.Terms.PlanId}/{x.Terms.PlanVersion}；已付 {x.PaidPeriods} 期，至 {w.At(x.PaidUntil)}"]),
        Signed x => new(w["Signed", "已签约"], w[$"first day {Words.Day(x.Anchor)}", $"首日 {Words.Day(x.Anchor)}"]),
        AgreementChanged x => new(w[$"Agreement {w.Of(x.Status)}", $"协议{w.Of(x.Status)}"], x.Mode is { } mode ? w[$"ended by: {mode}", $"解约方：{mode}"] : ""),
        AgreementAsked x => new(w["The rail was asked about the agreement", "查询协议"], Answered(x.Answer, x.Asks, w)),
        BackupAdded x => new(w["A further agreement is being signed", "签约备用协议"], $"{x.Account}"),
        BackupRetired x => new(w["A further agreement is not wanted any more", "不再需要备用协议"], By(x.By, x.Why)),
        AgreementSwitched x => new(w[$"Charged at {x.Account} from now on", $"此后改由 {x.Account} 扣款"], By(x.By, x.Why)),
        AgreementVerified x => new(w["Agreement confirmed by the rail", "渠道确认协议有效"], w[$"next look {w.At(x.NextVerifyAt)}", $"下次查询 {w.At(x.NextVerifyAt)}"]),
        RailDateKnown x => new(w["The rail's own charge date is known", "渠道扣款日"], Words.Day(x.Date)),
        StatementsAsked x => new(w["Statements were asked for old payments", "查询旧账单"], Answered(x.Answer, x.Asks, w)),
        PaidElsewhere { AwaitsStatements: true } x => new(
            w["Another system charged after the cut-over", "切换后仍被其他系统扣款"],
            w[$"{Words.Money(x.Amount)}, {x.RailTransaction}; its period is known with the old statements", $"{Words.Money(x.Amount)}，{x.RailTransaction}；所属期数待旧账单读完"]),
        PaidElsewhere x => new(
            x.AfterCutOver ? w["Another system charged after the cut-over", "切换后仍被其他系统扣款"] : w["Another system had charged", "其他系统已扣款"],
            w[$"{Words.Money(x.Amount)}, {x.RailTransaction}, period {x.Ordinal}", $"{Words.Money(x.Amount)}，{x.RailTransaction}，第 {x.Ordinal} 期"]),
        _ => null,
    };

    public static EventLine? OfRenewal(SubscriptionEvent e, Words w) => e switch
    {
        CyclePlanned x => new(
            w[$"Renewal of period {x.Plan.Ordinal} planned", $"已排定第 {x.Plan.Ordinal} 期续费"],
            w[$"{Words.Money(x.Plan.Amount)}; notice {w.At(x.Plan.AnnounceAt)}; money {w.At(x.Plan.MoneyFrom)} – {w.At(x.Plan.MoneyUntil)}",
                $"{Words.Money(x.Plan.Amount)}；通知 {w.At(x.Plan.AnnounceAt)}；扣款 {w.At(x.Plan.MoneyFrom)} – {w.At(x.Plan.MoneyUntil)}"]),
        AnchorMoved x => new(w["Days moved", "账期日期移动"], $"{Words.Day(x.Anchor)}: {x.Why}"),
        Announced x => new(
            w[x.Delivered ? "Member told (delivered)" : "Member told (handed over)", x.Delivered ? "已通知会员（已送达）" : "已通知会员（已交付）"],
            w[$"at most {Words.Money(x.Notice.Amount)} from {w.At(x.Notice.MoneyFrom)}; receipt {x.Notice.Receipt}", $"至多 {Words.Money(x.Notice.Amount)}，自 {w.At(x.Notice.MoneyFrom)}；回执 {x.Notice.Receipt}"]),
        Reminded x => new(w["Member reminded, as the law asks", "依法提醒会员"], w[$"receipt {x.Receipt}", $"回执 {x.Receipt}"]),
        NoticeBounced x => new(w["Notice came back", "通知未送达"], x.RetryAt is { } at ? $"{x.Why} → {w.At(at)}" : x.Why),
        NoticeDelivered x => new(w["Notice arrived", "通知已送达"], w[$"on {w.At(x.DeliveredAt)}, receipt {x.Receipt}", $"{w.At(x.DeliveredAt)}，回执 {x.Receipt}"]),
        NoticePostponed x => new(w["Notice waits", "通知推迟"], $"→ {w.At(x.Until)}: {x.Why}"),
        NoticeFailed x => new(w[$"Telling the member failed ({x.Failures})", $"通知失败（第 {x.Failures} 次）"], $"{x.Why} → {w.At(x.RetryAt)}"),
        RailNoticeRequested x => new(w["Rail's own notice sent", "已发送预扣费通知"], w[$"period {x.Ordinal}, at most {Words.Money(x.Amount)}", $"第 {x.Ordinal} 期，至多 {Words.Money(x.Amount)}"]),
        RailNoticeAnswered x => new(w[$"Rail's answer to its notice: {w.Of(x.Result)}", $"预扣费通知结果：{w.Of(x.Result)}"], x.Why),
        Postponed x => new(w["Waits for the rail's hours", "等待渠道营业时间"], $"→ {w.At(x.Until)}: {x.Why}"),
        PeriodsSkipped x => new(
            x.Given ? w[$"Periods {x.From}–{x.To} given", $"第 {x.From}–{x.To} 期赠送"] : w[$"Periods {x.From}–{x.To} never charged", $"第 {x.From}–{x.To} 期不再扣款"], $"{w.Of(x.Policy)}: {x.Why}"),
        CatchUpDecided x => new(w[$"Missed periods decided: {w.Of(x.As)}", $"错过账期的决定：{w.Of(x.As)}"], By(x.By, x.Why)),
        Parked x => new(w[$"Parked: {w.Of(x.Reason)}", $"已搁置：{w.Of(x.Reason)}"], x.Detail),
        Unparked x => new(w["Goes on: a person looked", "恢复：已人工查看"], By(x.By, x.Why)),
        Cancelled x => new(w[$"Renewal stopped: {w.Of(x.By)}", $"取消续费：{w.Of(x.By)}"], $"{(x.AskedBy is { } who ? By(who, x.Why) : x.Why)} → {w.At(x.EffectiveAt)}{(x.NothingBack is { } nothing ? $"; {nothing}" : "")}"),
        CancelUndone x => new(w["Cancel undone", "撤销取消"], By(x.By, x.Why)),
        Ended x => new(w["Over", "已结束"], w.Of(x.Reason)),
        _ => null,
    };

    private static string By(string by, string why) => $"{by}: {why}";

    private static string Answered(string answer, int asks, Words w) => w[$"{answer} (asked {asks} times)", $"{answer}（第 {asks} 次）"];
}
