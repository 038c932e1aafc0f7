using NodaTime;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Refunds (退款): partial, never more than paid, executed once by the request number; answers give the sum of all refunds.</summary>
internal sealed class RefundDesk(AlipayState state, TradeNews news)
{
    private readonly HashSet<string> refused = new(StringComparer.Ordinal);

    /// <summary>The fields of a refund.</summary>
    public static FieldTable Fields { get; } = new(
        new Field("out_trade_no"), new Field("trade_no"), new Field("refund_amount", FieldKind.Yuan, IsRequired: true), new Field("out_request_no"),
        new Field("refund_reason", Most: 256), new Field("query_options", FieldKind.List));

    /// <summary>The fields of a question for one.</summary>
    public static FieldTable QueryFields { get; } = new(
        new Field("out_trade_no"), new Field("trade_no"), new Field("out_request_no", IsRequired: true), new Field("query_options", FieldKind.List));

    /// <summary><c>alipay.trade.refund</c>.</summary>
    public GatewayAnswer Refund(GatewayCall call)
    {
        if (call["trade_no"].Length + call["out_trade_no"].Length == 0)
            return GatewayAnswer.Fail("ACQ.INVALID_PARAMETER", "out_trade_no or trade_no");
        if (state.FindTrade(call["trade_no"], call["out_trade_no"]) is not { } trade)
            return GatewayAnswer.Fail("ACQ.TRADE_NOT_EXIST", "交易不存在").With("out_trade_no", call["out_trade_no"]);
        var (number, amount) = (NumberOf(call, trade), AlipayWire.TryYuan(call["refund_amount"])!.Value.MinorUnits);
        if (trade.Refunds.Find(refund => refund.Number == number && refund.Stage != RefundStage.Failed) is { } earlier)
        {
            return earlier.Amount == amount
                ? Answer(trade, "N", "0.00", "")
                : GatewayAnswer.Fail("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求").With("out_trade_no", trade.Number);
        }

        if (WhyNot(trade, amount, call) is { } code)
            return GatewayAnswer.Fail(code, "退款被拒绝").With("out_trade_no", trade.Number);
        return Accept(trade, number, amount, call);
    }

    /// <summary><c>alipay.trade.fastpay.refund.query</c>: without a status it was not received, is under way, or failed.</summary>
    public GatewayAnswer Query(GatewayCall call)
    {
        if (call["trade_no"].Length + call["out_trade_no"].Length == 0)
            return GatewayAnswer.Fail("ACQ.INVALID_PARAMETER", "out_trade_no or trade_no");
        if (state.FindTrade(call["trade_no"], call["out_trade_no"]) is not { } trade)
            return GatewayAnswer.Fail("ACQ.TRADE_NOT_EXIST", "交易不存在");
        if (trade.Refunds.Find(refund => refund.Number == call["out_request_no"] && refund.Stage == RefundStage.Done) is not { } done)
            return GatewayAnswer.Ok();
        var asksTime = call.Content.TryGetProperty("query_options", out var options)
            && options.EnumerateArray().Any(option => option.AsText() == "gmt_refund_pay");
        return GatewayAnswer.Ok().With("out_request_no", done.Number).With("out_trade_no", trade.Number)
            .With("refund_amount", TradeNews.Yuan(done.Amount)).With("refund_status", "REFUND_SUCCESS").With("refund_reason", done.Reason)
            .With("total_amount", TradeNews.Yuan(trade.Amount)).With("trade_no", trade.TradeNo)
            .With("gmt_refund_pay", asksTime ? AlipayWire.Time(done.EndedAt) : "");
    }

    /// <summary>Gives money of a paid order back at once.</summary>
    public void GiveBack(Trade trade, string number, long amount, string reason, Instant now) => Settle(Add(trade, number, amount, reason), now);

    // Without a number of its own a refund has the order's, so there can be one only.
    private static string NumberOf(GatewayCall call, Trade trade) => call["out_request_no"] is { Length: > 0 } own ? own : trade.Number;

    private string? WhyNot(Trade trade, long amount, GatewayCall call) =>
        trade.Stage is TradeStage.Open or TradeStage.UnderWay ? "ACQ.TRADE_STATUS_ERROR"
        : trade.Stage == TradeStage.Closed || trade.IsRefundedInFull ? "ACQ.TRADE_HAS_CLOSE"
        : call.Now >= trade.PaidAt + state.Options.RefundPeriod ? "ACQ.TRADE_HAS_FINISHED"
        : amount <= 0 ? "ACQ.REFUND_FEE_ERROR"
        : trade.RefundedOrAsked + amount > trade.Amount ? "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
        : call["out_request_no"].Length == 0 && amount < trade.Amount ? "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
        : !state.Bank.IsOpen(trade.Member) ? "ACQ.BUYER_NOT_EXIST"
        : null;

    private GatewayAnswer Accept(Trade trade, string number, long amount, GatewayCall call)
    {
        var decision = state.Options.Refunds(number);
        if (decision.FailWith is { } code && refused.Add(number))
            return GatewayAnswer.Fail(code, "退款失败").With("out_trade_no", trade.Number);
        var refund = Add(trade, number, amount, call["refund_reason"]);
        if (decision.Delay > Duration.Zero)
        {
            state.Queue.Add(new DueChange(call.Now + decision.Delay, $"{trade.Number}/{number}", at =>
            {
                lock (state.Gate)
                {
                    Settle(refund, at);
                }
            }));
            return Answer(trade, "N", "0.00", "");
        }

        Settle(refund, call.Now);
        return Answer(trade, "Y", TradeNews.Yuan(amount), AlipayWire.Time(call.Now));
    }

    private static Refund Add(Trade trade, string number, long amount, string reason)
    {
        var refund = new Refund { Number = number, Trade = trade, Amount = amount, Reason = reason };
        trade.Refunds.Add(refund);
        return refund;
    }

    private void Settle(Refund refund, Instant at)
    {
        var trade = refund.Trade;
        var entry = new BankEntry(
            trade.Number, refund.Number, trade.Member, state.Account, Money.Cny(refund.Amount), BankEntryKind.Refund, at, trade.TradeNo, trade.Under);
        refund.EndedAt = at;
        refund.Stage = state.Bank.PayBack(entry) ? RefundStage.Done : RefundStage.Failed;
        if (refund.Stage == RefundStage.Done)
            news.TellRefunded(refund);
    }

    private GatewayAnswer Answer(Trade trade, string change, string now, string at) => GatewayAnswer.Ok()
        .With("buyer_logon_id", AlipayState.LogonIdOf(trade.Member)).With([state.Named("buyer", "buyer_user_id", trade.Member)])
        .With("fund_change", change).With("gmt_refund_pay", at).With("out_trade_no", trade.Number)
        .With("refund_fee", TradeNews.Yuan(trade.Refunded)).With("send_back_fee", now).With("trade_no", trade.TradeNo);
}
