using NodaTime;
using Renewals.Core.Plans;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Tells of orders: the fields answers and notifications have in common, and the notifications (<c>trade_status_sync</c>).</summary>
/// <remarks>A refused deduction is told by nobody: the merchant learns it from the answer or a query.</remarks>
internal sealed class TradeNews(AlipayState state, Messenger messenger)
{
    private const string Kind = "trade_status_sync";

    /// <summary>The sums of an order nothing was paid for.</summary>
    public static IReadOnlyDictionary<string, string> NoMoney { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["buyer_pay_amount"] = "0.00", ["invoice_amount"] = "0.00", ["point_amount"] = "0.00", ["receipt_amount"] = "0.00",
    };

    /// <summary>Fen as yuan with two decimals.</summary>
    public static string Yuan(long fen) => AlipayWire.Yuan(Money.Cny(fen));

    /// <summary>The state an order has to a query.</summary>
    public string StatusOf(Trade trade, Instant now) => trade.Stage switch
    {
        TradeStage.Open or TradeStage.UnderWay => "WAIT_BUYER_PAY",
        TradeStage.Closed => "TRADE_CLOSED",
        TradeStage.Paid when trade.IsRefundedInFull => "TRADE_CLOSED",
        TradeStage.Paid => now >= trade.PaidAt + state.Options.RefundPeriod ? "TRADE_FINISHED" : "TRADE_SUCCESS",
        _ => throw new InvalidOperationException($"Stage {trade.Stage} is unknown."),
    };

    /// <summary>What an answer says of an order: numbers, sums, and who pays, once that is known.</summary>
    public IEnumerable<KeyValuePair<string, string>> Payment(Trade trade)
    {
        if (trade.Member.Length > 0)
        {
            yield return new("buyer_logon_id", AlipayState.LogonIdOf(trade.Member));
            yield return state.Named("buyer", "buyer_user_id", trade.Member);
        }

        foreach (var sum in trade.Stage == TradeStage.Paid ? Sums(trade.Amount) : NoMoney)
            yield return sum;
        yield return new("out_trade_no", trade.Number);
        yield return new("total_amount", Yuan(trade.Amount));
        yield return new("trade_no", trade.TradeNo);
    }

    /// <summary>Plans the notification of a payment.</summary>
    public void TellPaid(Trade trade)
    {
        if (trade.NotifyUrl is { } address)
            Tell(new(address, trade.Number, trade.PaidAt, trade.Decision.Notification), "TRADE_SUCCESS", trade, []);
    }

    /// <summary>Plans the notification of a refund: by then the order is closed, or partly refunded.</summary>
    public void TellRefunded(Refund refund)
    {
        var trade = refund.Trade;
        if (trade.NotifyUrl is not { } address || !(trade.IsRefundedInFull ? TellsClosing(trade) : TellsPartial(trade)))
            return;
        List<KeyValuePair<string, string>> more =
        [
            new("out_biz_no", refund.Number), new("refund_fee", Yuan(trade.Refunded)), new("gmt_refund", $"{AlipayWire.Time(refund.EndedAt)}.000"),
        ];
        if (trade.IsRefundedInFull)
            more.Add(new("gmt_close", AlipayWire.Time(refund.EndedAt)));
        Tell(
            new(address, $"{trade.Number}/{refund.Number}", refund.EndedAt, new AlipayNotificationFate()),
            trade.IsRefundedInFull ? "TRADE_CLOSED" : "TRADE_SUCCESS", trade, more);
    }

    /// <summary>Plans the notification of an order that was closed without having been paid.</summary>
    public void TellClosed(Trade trade)
    {
        if (trade.NotifyUrl is { } address && TellsClosing(trade))
            Tell(
                new(address, $"{trade.Number}/closed", trade.ClosedAt, new AlipayNotificationFate()), "TRADE_CLOSED", trade,
                [new("gmt_close", AlipayWire.Time(trade.ClosedAt))]);
    }

    /// <summary>Closes an order at its end by itself, where somebody is told of it; elsewhere whoever looks finds it closed.</summary>
    public void WatchExpiry(Trade trade)
    {
        if (trade.Stage != TradeStage.Paid && trade.NotifyUrl is not null && TellsClosing(trade))
            state.Queue.Add(new DueChange(trade.ExpiresAt, $"{trade.Number}/end", at => Expire(trade, at)));
    }

    private void Expire(Trade trade, Instant at)
    {
        lock (state.Gate)
        {
            // Whoever looked at it since its end has closed it silently; the rail still tells.
            if (trade.Stage == TradeStage.Open)
                trade.Close(at);
            if (trade.Stage == TradeStage.Closed && trade.ClosedAt == at)
                TellClosed(trade);
        }
    }

    // An order of pay-and-sign tells of every state by default, a deduction of its success only.
    private bool TellsClosing(Trade trade) => trade.Agreement is null || state.Options.NotifiesClosing;

    private bool TellsPartial(Trade trade) => trade.Agreement is null || state.Options.NotifiesPartialRefunds;

    private void Tell(NotificationTo to, string status, Trade trade, IEnumerable<KeyValuePair<string, string>> more)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("trade_no", trade.TradeNo), new("out_trade_no", trade.Number), new("seller_id", state.Credentials.SellerId),
            new("trade_status", status), new("total_amount", Yuan(trade.Amount)), new("subject", trade.Subject),
            new("gmt_create", AlipayWire.Time(trade.CreatedAt)), new("passback_params", trade.Passback), .. more,
        ];
        if (trade.Stage == TradeStage.Paid)
        {
            fields.AddRange(Sums(trade.Amount));
            fields.Add(new("gmt_payment", AlipayWire.Time(trade.PaidAt)));
            fields.Add(new("fund_bill_list", $"[{{\"amount\":\"{Yuan(trade.Amount)}\",\"fundChannel\":\"ALIPAYACCOUNT\"}}]"));
        }

        if (trade.Member.Length > 0)
        {
            fields.Add(new("buyer_logon_id", AlipayState.LogonIdOf(trade.Member)));
            fields.Add(state.Named("buyer", "buyer_id", trade.Member));
        }

        messenger.Tell(to, Kind, fields);
    }

    private static Dictionary<string, string> Sums(long fen) => new(StringComparer.Ordinal)
    {
        ["buyer_pay_amount"] = Yuan(fen), ["invoice_amount"] = Yuan(fen), ["point_amount"] = "0.00", ["receipt_amount"] = Yuan(fen),
    };
}
