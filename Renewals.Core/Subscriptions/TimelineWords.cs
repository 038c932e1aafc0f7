using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Plans;

namespace Renewals.Core.Subscriptions;

/// <summary>A membership's timeline in the member's words, in English or Chinese.</summary>
public sealed class TimelineWords
{
    private readonly bool chinese;
    private readonly DateTimeZone zone;
    private readonly LocalDatePattern days;
    private readonly LocalDateTimePattern moments;

    /// <summary>Words in a language, with the dates of a zone.</summary>
    /// <param name="language">A tag: Chinese where it begins with <c>zh</c>, English otherwise.</param>
    /// <param name="zoneId">TZDB name of the plan's zone.</param>
    public TimelineWords(string language, string zoneId)
    {
        chinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
        zone = RenewalZones.Get(zoneId);
        var culture = CultureInfo.InvariantCulture;
        days = LocalDatePattern.Create(chinese ? "uuuu'年'M'月'd'日'" : "d MMMM uuuu", culture);
        moments = LocalDateTimePattern.Create(chinese ? "M'月'd'日' HH:mm" : "HH:mm 'on' d MMMM", culture);
    }

    /// <summary>One line, without its date.</summary>
    public string Of(TimelineEntry e) => chinese ? Chinese(e) : English(e);

    /// <summary>A day.</summary>
    public string Day(Instant at) => days.Format(at.InZone(zone).Date);

    /// <summary>An amount in whole units: <c>¥25.00</c>.</summary>
    public static string Money(Money amount)
    {
        // Currencies without a part of a unit, of those rails here settle in (ISO 4217).
        var hundreds = amount.Currency is not ("JPY" or "KRW");
        var (sign, minor) = (amount.MinorUnits < 0 ? "-" : "", Math.Abs(amount.MinorUnits));
        var units = hundreds ? string.Create(CultureInfo.InvariantCulture, $"{minor / 100}.{minor % 100:00}") : minor.ToString(CultureInfo.InvariantCulture);
        return amount.Currency == "CNY" ? $"{sign}¥{units}" : $"{amount.Currency} {sign}{units}";
    }

    private string RailOf(string rail) => rail switch
    {
        "wechat" => chinese ? "微信支付" : "WeChat Pay",
        "alipay" => chinese ? "支付宝" : "Alipay",
        "unionpay" => chinese ? "银联" : "UnionPay",
        _ => rail,
    };

    private string Moment(Instant at) => moments.Format(at.InZone(zone).LocalDateTime);

    private string English(TimelineEntry e) => e.Kind switch
    {
        TimelineKind.Signed => $"You signed for {e.Subject}.",
        TimelineKind.Trial => $"You signed for {e.Subject}; it is free until {Day(e.Until!.Value)}.",
        TimelineKind.ChargeComing => $"{Money(e.Amount!.Value)} for {e.Subject} on {Day(e.From!.Value)}, announced on {Day(e.ToldAt!.Value)}; cancel until {Moment(e.From.Value)}.",
        TimelineKind.ChargeExpected => $"{Money(e.Amount!.Value)} for {e.Subject} on {Day(e.From!.Value)}; you will be told before.",
        TimelineKind.Paid => $"{Money(e.Amount!.Value)} paid for {e.Subject}, until {Day(e.Until!.Value)}.",
        TimelineKind.Declined => e.From is { } again ? $"The charge was declined; it is tried again on {Day(again)}." : "The charge was declined.",
        TimelineKind.RefundComing => $"{Money(e.Amount!.Value)} will be given back.",
        TimelineKind.Refunded => $"{Money(e.Amount!.Value)} was given back.",
        TimelineKind.ChangePlanned => $"{e.Subject} at {Money(e.Amount!.Value)}{(e.From is { } from ? $" from {Day(from)}" : "")}, as you asked.",
        TimelineKind.ChangeWithdrawn => "The planned change was withdrawn.",
        TimelineKind.Changed => $"{e.Subject} from {Day(e.From!.Value)}, at {Money(e.Amount!.Value)}.",
        TimelineKind.AmountAdded when e.Amount!.Value.MinorUnits < 0 => $"{Money(e.Amount.Value)} comes off the next charge ({e.Subject}).",
        TimelineKind.AmountAdded => $"{Money(e.Amount!.Value)} comes with the next charge ({e.Subject}).",
        TimelineKind.Paused => $"Paused from {Day(e.From!.Value)}{(e.Until is { } until ? $" to {Day(until)}" : "")}.",
        TimelineKind.Resumed => $"Goes on from {Day(e.From!.Value)}.",
        TimelineKind.PriceOffered => $"The price is to be {Money(e.Amount!.Value)} from {Day(e.From!.Value)}; answer until {Day(e.Until!.Value)}.",
        TimelineKind.PriceAgreed => "You agreed to the new price.",
        TimelineKind.PriceKept => "The price stays as it is.",
        TimelineKind.Cancelled => $"Renewal was stopped; the membership runs until {Day(e.Until!.Value)}.",
        TimelineKind.CancelUndone => "Renewal goes on, as you asked.",
        TimelineKind.ChargedElsewhere => $"Charges go through {RailOf(e.Subject!)} from now on.",
        TimelineKind.Ended => "The membership is over.",
        _ => throw new InvalidOperationException($"No words for {e.Kind}."),
    };

    private string Chinese(TimelineEntry e) => e.Kind switch
    {
        TimelineKind.Signed => $"您已签约{e.Subject}。",
        TimelineKind.Trial => $"您已签约{e.Subject},{Day(e.Until!.Value)}前免费试用。",
        TimelineKind.ChargeComing => $"{Day(e.From!.Value)}将扣款{Money(e.Amount!.Value)}({e.Subject}),已于{Day(e.ToldAt!.Value)}通知;{Moment(e.From.Value)}前可取消。",
        TimelineKind.ChargeExpected => $"{Day(e.From!.Value)}将续费{Money(e.Amount!.Value)}({e.Subject}),扣款前会通知您。",
        TimelineKind.Paid => $"已支付{Money(e.Amount!.Value)}({e.Subject}),有效期至{Day(e.Until!.Value)}。",
        TimelineKind.Declined => e.From is { } again ? $"扣款未成功,将于{Day(again)}再次扣款。" : "扣款未成功。",
        TimelineKind.RefundComing => $"{Money(e.Amount!.Value)}将退还给您。",
        TimelineKind.Refunded => $"{Money(e.Amount!.Value)}已退还。",
        TimelineKind.ChangePlanned => $"{(e.From is { } from ? $"自{Day(from)}起" : "")}变更为{e.Subject},每期{Money(e.Amount!.Value)}。",
        TimelineKind.ChangeWithdrawn => "已撤回变更。",
        TimelineKind.Changed => $"自{Day(e.From!.Value)}起为{e.Subject},每期{Money(e.Amount!.Value)}。",
        TimelineKind.AmountAdded when e.Amount!.Value.MinorUnits < 0 => $"下次扣款减少{Money(e.Amount.Value with { MinorUnits = -e.Amount.Value.MinorUnits })}({e.Subject})。",
        TimelineKind.AmountAdded => $"下次扣款增加{Money(e.Amount!.Value)}({e.Subject})。",
        TimelineKind.Paused => $"自{Day(e.From!.Value)}起暂停{(e.Until is { } until ? $",至{Day(until)}恢复" : "")}。",
        TimelineKind.Resumed => $"自{Day(e.From!.Value)}起恢复。",
        TimelineKind.PriceOffered => $"自{Day(e.From!.Value)}起价格拟调整为{Money(e.Amount!.Value)},请在{Day(e.Until!.Value)}前答复。",
        TimelineKind.PriceAgreed => "您已同意新价格。",
        TimelineKind.PriceKept => "价格保持不变。",
        TimelineKind.Cancelled => $"已取消续费,会员有效期至{Day(e.Until!.Value)}。",
        TimelineKind.CancelUndone => "已按您的要求恢复续费。",
        TimelineKind.ChargedElsewhere => $"此后改由{RailOf(e.Subject!)}扣款。",
        TimelineKind.Ended => "会员已结束。",
        _ => throw new InvalidOperationException($"No words for {e.Kind}."),
    };
}
