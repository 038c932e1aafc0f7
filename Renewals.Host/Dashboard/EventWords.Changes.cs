using Renewals.Core.Subscriptions;

namespace Renewals.Host.Dashboard;

internal static partial class EventWords
{
    public static EventLine? OfChange(SubscriptionEvent e, Words w) => e switch
    {
        ChangePlanned x => new(
            w[$"Change planned: {x.Change.Terms.Subject} from period {x.Change.FromOrdinal}", $"计划变更：{x.Change.Terms.Subject}，自第 {x.Change.FromOrdinal} 期"], By(x.Change.By, x.Change.Why)),
        ChangeWithdrawn x => new(w[$"Change withdrawn: {x.Change}", $"撤回变更：{x.Change}"], By(x.By, x.Why)),
        TermsChanged x => new(w[$"Other terms: {x.Terms.Subject} from period {x.Ordinal}", $"条款变更：{x.Terms.Subject}，自第 {x.Ordinal} 期"], By(x.By, x.Why)),
        AmountAdded x => new(w["Added to the next charge", "计入下次扣款"], $"{Words.Money(x.Amount)}; {By(x.By, x.Why)}"),
        Paused x => new(w["Paused", "暂停"], $"{w.At(x.From)} – {w.At(x.Until)}; {By(x.By, x.Why)}"),
        Resumed x => new(w["Resumed", "恢复"], $"{w.At(x.From)}; {By(x.By, x.Why)}"),
        PriceOffered x => new(
            w["Another price is offered", "提出新价格"],
            w[$"{x.Offer.Name}: {Words.Money(x.Offer.Terms.Price)} from {w.At(x.Offer.EffectiveFrom)}, answer by {w.At(x.Offer.AnswerBy)}",
                $"{x.Offer.Name}：{Words.Money(x.Offer.Terms.Price)}，自 {w.At(x.Offer.EffectiveFrom)}，答复截止 {w.At(x.Offer.AnswerBy)}"]),
        PriceOfferTold x => new(w["Member told of the offer", "已告知新价格"], w[$"{x.Offer}; receipt {x.Receipt}", $"{x.Offer}；回执 {x.Receipt}"]),
        PriceAnswered x => new(w[$"Offer concluded: {w.Of(x.Answer)}", $"价格答复：{w.Of(x.Answer)}"], By(x.By, x.Offer)),
        _ => null,
    };
}
