using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Questions for orders, and their end: query, close, cancel.</summary>
internal sealed class TradeDesk(AlipayState state, TradeNews news, RefundDesk refunds)
{
    private static readonly Duration Cancellable = Duration.FromHours(24);

    /// <summary>The fields of all three calls.</summary>
    public static FieldTable Fields { get; } = new(new Field("out_trade_no"), new Field("trade_no"), new Field("query_options", FieldKind.List));

    /// <summary><c>alipay.trade.query</c>.</summary>
    public GatewayAnswer Query(GatewayCall call)
    {
        var (trade, fault) = Find(call);
        return trade is null ? fault! : GatewayAnswer.Ok().With(news.Payment(trade)).With("trade_status", news.StatusOf(trade, call.Now))
            .With("passback_params", trade.Passback)
            .With("send_pay_date", trade.Stage == TradeStage.Paid ? AlipayWire.Time(trade.PaidAt) : "");
    }

    /// <summary><c>alipay.trade.close</c>: only orders that wait for money.</summary>
    public GatewayAnswer Close(GatewayCall call)
    {
        var (trade, fault) = Find(call);
        if (trade is null)
            return fault!;
        switch (trade.Stage)
        {
            case TradeStage.Open:
                Close(trade, call.Now);
                return GatewayAnswer.Ok().With("out_trade_no", trade.Number).With("trade_no", trade.TradeNo);
            case TradeStage.UnderWay:
                return Fail(trade, "ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
            case TradeStage.Paid or TradeStage.Closed:
                return Fail(trade, "ACQ.REASON_TRADE_STATUS_INVALID", "交易状态异常");
            default:
                throw new InvalidOperationException($"Stage {trade.Stage} is unknown.");
        }
    }

    /// <summary><c>alipay.trade.cancel</c>: closes an order that waits, and gives a paid one back. Without an order nothing is done or said.</summary>
    public GatewayAnswer Cancel(GatewayCall call)
    {
        var (trade, fault) = Find(call);
        if (trade is null)
            return call["trade_no"].Length + call["out_trade_no"].Length == 0 ? fault! : GatewayAnswer.Ok().With("out_trade_no", call["out_trade_no"]).With("retry_flag", "N");
        if (trade.Cancelled.Length == 0 && WhyNotCancelled(trade, call.Now) is { } code)
            return Fail(trade, code, "交易不能撤销").With("retry_flag", code == "ACQ.TRADE_STATUS_ERROR" ? "Y" : "N");
        if (trade.Cancelled.Length == 0)
            trade.Cancelled = CancelNow(trade, call.Now);
        return GatewayAnswer.Ok().With("out_trade_no", trade.Number).With("trade_no", trade.TradeNo).With("retry_flag", "N")
            .With("action", trade.Cancelled);
    }

    private string? WhyNotCancelled(Trade trade, Instant now) =>
        trade.Stage == TradeStage.UnderWay ? "ACQ.TRADE_STATUS_ERROR"
        : trade.Stage == TradeStage.Closed ? null
        : now >= trade.CreatedAt + Cancellable ? "ACQ.TRADE_CANCEL_TIME_OUT"
        : trade.Refunds.Count > 0 ? "ACQ.REASON_TRADE_REFUND_FEE_ERR"
        : trade.Stage == TradeStage.Paid && !state.Bank.IsOpen(trade.Member) ? "ACQ.CANCEL_NOT_ALLOWED"
        : null;

    private string CancelNow(Trade trade, Instant now)
    {
        if (trade.Stage == TradeStage.Paid)
        {
            refunds.GiveBack(trade, trade.Number, trade.Amount, "cancelled", now);
            return "refund";
        }

        if (trade.Stage == TradeStage.Open)
            Close(trade, now);
        return "close";
    }

    private void Close(Trade trade, Instant now)
    {
        trade.Close(now);
        news.TellClosed(trade);
    }

    private (Trade? Trade, GatewayAnswer? Fault) Find(GatewayCall call) =>
        call["trade_no"].Length + call["out_trade_no"].Length == 0 ? (null, GatewayAnswer.Fail("ACQ.INVALID_PARAMETER", "out_trade_no or trade_no"))
        : state.FindTrade(call["trade_no"], call["out_trade_no"]) is { } trade ? (trade, null)
        : (null, GatewayAnswer.Fail("ACQ.TRADE_NOT_EXIST", "交易不存在").With(TradeNews.NoMoney).With("out_trade_no", call["out_trade_no"]));

    private static GatewayAnswer Fail(Trade trade, string code, string why) => GatewayAnswer.Fail(code, why).With("out_trade_no", trade.Number);
}
