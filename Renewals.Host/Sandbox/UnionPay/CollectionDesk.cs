using NodaTime;
using Renewals.Core.Plans;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>Collections (代收, 11): accepted or refused, then settled when due.</summary>
internal sealed class CollectionDesk(UnionPayState state, EntrustDesk entrusts, Messenger messenger)
{
    private readonly Dictionary<(string OrderId, string TxnTime), CollectionDecision> draws = [];

    public GatewayAnswer Collect(GatewayCall call)
    {
        if (entrusts.ReadPayer(call) is not ({ } payer, null))
            return GatewayAnswer.To(call, "10");
        if (payer.CardNumber.Length + call["bindId"].Length == 0)
            return GatewayAnswer.To(call, "13");
        return Take(call, payer.CardNumber, mayBeLost: true);
    }

    /// <summary>Collects by one row of a batch, which arrived with it.</summary>
    public void CollectRow(GatewayCall call, string cardNumber) => Take(call, cardNumber, mayBeLost: false);

    private GatewayAnswer Take(GatewayCall call, string cardNumber, bool mayBeLost)
    {
        var entrust = entrusts.Find(call, cardNumber);
        if (entrust is null)
            return Refuse(new Collection(call, new()) { Card = state.Cards.Find(cardNumber) }, "72");
        var decision = Draw(call, entrust, out var isFirst);
        if (isFirst && mayBeLost && decision.Answer == AnswerFate.LostRequest)
            return GatewayAnswer.Broken();
        var collection = new Collection(call, decision) { Entrust = entrust, Card = entrust.Card };
        return RefusalOf(collection, entrust) is { } refusal ? Refuse(collection, refusal) : Accept(collection, entrust);
    }

    // In the rail's order: entrust, terms, limits, card, funds.
    private string? RefusalOf(Collection collection, Entrust entrust) =>
        !entrust.IsInForceAt(collection.AcceptedAt) ? "72"
        : !entrust.AllowsOneMore(collection.AcceptedAt) ? state.Options.FrequencyCode
        : collection.Amount > state.Options.MostPerCollection ? "33"
        : entrust.TakenInMonthOf(collection.AcceptedAt) + collection.Amount > state.Options.MostPerMonth ? "81"
        : !state.Bank.IsOpen(entrust.Card.Member) ? "63"
        : !collection.Decision.RefusedAtOnce ? null
        : collection.Decision.FailWith ?? (state.Bank.BalanceOf(entrust.Card.Member) < collection.Amount ? "64" : null);

    private GatewayAnswer Refuse(Collection collection, string code)
    {
        state.Record(collection);
        Fail(collection, code, collection.AcceptedAt);
        return collection.Decision.Answer == AnswerFate.LostAnswer ? GatewayAnswer.Broken() : GatewayAnswer.To(collection.Call, code);
    }

    private GatewayAnswer Accept(Collection collection, Entrust entrust)
    {
        state.Record(collection);
        state.CollectionsByQueryId.Add(collection.QueryId, collection);
        entrust.Collections++;
        var decision = collection.Decision;
        OutgoingCallback? first = null;
        if (decision.NotifiedBeforeAnswer)
        {
            Settle(collection, collection.AcceptedAt);
            first = IsTold(collection) ? messenger.Callback(collection, decision.Notification.Damage) : null;
        }
        else
        {
            state.Queue.Add(new DueChange(collection.AcceptedAt + decision.SettleDelay, collection.OrderId, at => SettleDue(collection, at)));
        }

        return decision.Answer == AnswerFate.LostAnswer
            ? GatewayAnswer.Broken(first)
            : GatewayAnswer.To(collection.Call, decision.AnswerCode, sentBefore: first).With("queryId", collection.QueryId)
                .With("txnAmt", collection.Call["txnAmt"]).With("currencyCode", collection.Call["currencyCode"]);
    }

    private void SettleDue(Collection collection, Instant at)
    {
        lock (state.Gate)
        {
            Settle(collection, at);
            if (IsTold(collection))
                messenger.Notify(collection, collection.Decision.Notification);
        }
    }

    private bool IsTold(Collection collection) => collection.Succeeded || state.Options.NotifyFailures;

    private void Settle(Collection collection, Instant at)
    {
        var entrust = collection.Entrust!;
        var payment = new BankEntry(
            collection.OrderId, null, entrust.Card.Member, state.Account, Money.Cny(collection.Amount), BankEntryKind.Payment, at,
            collection.QueryId, ExecutedUnder.Entrust);
        if (collection.Decision.FailWith is { } planned)
            Fail(collection, planned, at);
        else if (!entrust.AllowsOneMore(collection.AcceptedAt))
            Fail(collection, state.Options.FrequencyCode, at);
        else if (state.Bank.Pay(payment) is var result && result != PaymentResult.Paid)
            Fail(collection, result == PaymentResult.NotEnough ? "64" : "63", at);
        else
            Succeed(collection, entrust, at);
    }

    private static void Succeed(Collection collection, Entrust entrust, Instant at)
    {
        collection.End(collection.Decision.Defective ? "A6" : "00", at);
        if (collection.Decision.SettledNextDay)
            collection.SettleDay = collection.SettleDay.PlusDays(1);
        entrust.Successes.Add(collection);
    }

    private void Fail(Collection collection, string code, Instant at)
    {
        collection.End(code, at);
        state.Bank.NoteFailure(new FailedAttempt(collection.OrderId, at, code));
    }

    private CollectionDecision Draw(GatewayCall call, Entrust entrust, out bool isFirst)
    {
        isFirst = !draws.TryGetValue(call.Key, out var decision);
        if (decision is not null)
            return decision;
        var draw = new CollectionDraw(
            call["orderId"], entrust.Origin.OrderId, entrust.Card.Member, Money.Cny(call.Amount), entrust.Collections + 1, call.Now);
        var drawn = state.Options.Collections(draw);
        return draws[call.Key] = state.Declines.Take(entrust.Card.Member) is { } code ? drawn with { FailWith = code } : drawn;
    }
}
