using System.Text.Json.Nodes;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The refund calls of API v2: <c>/secapi/pay/refund</c>, <c>/pay/refundquery</c>.</summary>
/// <remarks>The merchant's TLS certificate cannot be asked for on a loopback address without TLS.</remarks>
internal sealed class RefundCallsV2(WeChatPayState state, RefundDesk desk)
{
    private const int PageSize = 10;

    public V2Answer Refund(V2Call call)
    {
        if (call["transaction_id"].Length + call["out_trade_no"].Length == 0)
            return V2Answer.Fail("PARAM_ERROR", "transaction_id or out_trade_no is required");
        var notify = call["notify_url"].Length > 0 ? call.Url("notify_url") : null;
        var (refund, refusal) = desk.Ask(
            new RefundAsk(
                call["transaction_id"], call["out_trade_no"], call["out_refund_no"], call.Fen("total_fee"),
                call.Fen("refund_fee"), notify, false),
            call.Now);
        if (refund is null)
            return Refusal(refusal!.Value);
        return V2Answer.Ok().With("transaction_id", refund.Order.TransactionId).With("out_trade_no", refund.Order.Number)
            .With("out_refund_no", refund.Number).With("refund_id", refund.Id).With("refund_fee", refund.Amount)
            .With("total_fee", refund.Order.Amount).With("fee_type", "CNY").With("cash_fee", refund.Order.Amount)
            .With("cash_refund_fee", refund.Amount);
    }

    public V2Answer Query(V2Call call)
    {
        var found = Find(call);
        if (found.Count == 0)
            return V2Answer.Fail("REFUNDNOTEXIST", "no such refund");
        var order = found[0].Order;
        var offset = call["offset"].Length > 0 ? (int)Math.Min(call.Fen("offset"), found.Count) : 0;
        var page = found.Skip(offset).Take(PageSize).ToList();
        var answer = V2Answer.Ok().With("transaction_id", order.TransactionId).With("out_trade_no", order.Number)
            .With("total_fee", order.Amount).With("cash_fee", order.Amount).With("fee_type", "CNY")
            .With("total_refund_count", found.Count).With("refund_count", page.Count).With("refund_fee", page.Sum(refund => refund.Amount));
        for (var i = 0; i < page.Count; i++)
            Describe(answer, page[i], i);
        return answer;
    }

    // The priority of the ids is the rail's.
    private List<Refund> Find(V2Call call) =>
        call["refund_id"] is { Length: > 0 } id ? [.. state.Refunds.Values.Where(refund => refund.Id == id)]
        : call["out_refund_no"] is { Length: > 0 } number ? state.Refunds.GetValueOrDefault(number) is { } one ? [one] : []
        : state.FindOrder(call["transaction_id"], call["out_trade_no"])?.Refunds ?? [];

    private static void Describe(V2Answer answer, Refund refund, int n)
    {
        answer.With($"out_refund_no_{n}", refund.Number).With($"refund_id_{n}", refund.Id).With($"refund_channel_{n}", "ORIGINAL")
            .With($"refund_fee_{n}", refund.Amount).With($"refund_recv_accout_{n}", "支付用户的零钱")
            .With($"refund_account_{n}", "REFUND_SOURCE_UNSETTLED_FUNDS")
            .With($"refund_status_{n}", RefundNews.V2State(refund.Stage));
        if (refund.Stage == RefundStage.Done)
            answer.With($"refund_success_time_{n}", BeijingTime.Readable(refund.EndedAt));
    }

    private static V2Answer Refusal(RefundRefusal why) => why switch
    {
        RefundRefusal.NoSuchOrder => V2Answer.Fail("ORDERNOTEXIST", "no such paid order"),
        RefundRefusal.TotalDiffers => V2Answer.Fail("PARAM_ERROR", "total_fee is not the order's"),
        RefundRefusal.Changed => V2Answer.Fail("ERROR", "parameters differ from the first request of this refund number"),
        RefundRefusal.OverRefund => V2Answer.Fail("ERROR", "more than was paid (累计退款金额大于支付金额)"),
        RefundRefusal.TooMany => V2Answer.Fail("ERROR", "at most 50 refunds per order"),
        RefundRefusal.TooOld => V2Answer.Fail("TRADE_OVERDUE", "paid more than a year ago (订单已经超过退款期限)"),
        RefundRefusal.AskAgain => V2Answer.Fail("BIZERR_NEED_RETRY", "not done; ask again under the same number"),
        RefundRefusal.AccountClosed => V2Answer.Fail("USER_ACCOUNT_ABNORMAL", "the user's account is closed"),
        _ => throw new InvalidOperationException($"Refusal {why} is unknown."),
    };
}

/// <summary>The refund calls of API v3: <c>/v3/refund/domestic/refunds</c>.</summary>
internal sealed class RefundCallsV3(WeChatPayState state, RefundDesk desk)
{
    public V3Answer Refund(V3Call call)
    {
        if (call["transaction_id"].Length + call["out_trade_no"].Length == 0)
            return V3Answer.Fail(400, "PARAM_ERROR", "transaction_id or out_trade_no is required");
        var notify = call["notify_url"].Length > 0 ? new Uri(call["notify_url"]) : null;
        var (refund, refusal) = desk.Ask(
            new RefundAsk(
                call["transaction_id"], call["out_trade_no"], call["out_refund_no"], call.Fen("amount.total"), call.Fen("amount.refund"),
                notify, true),
            call.Now);
        return refund is not null ? V3Answer.Ok(Describe(refund)) : refusal!.Value switch
        {
            RefundRefusal.NoSuchOrder => V3Answer.Fail(404, "RESOURCE_NOT_EXISTS", "no such paid order"),
            RefundRefusal.TotalDiffers => V3Answer.Fail(400, "PARAM_ERROR", "amount.total is not the order's"),
            RefundRefusal.AccountClosed => V3Answer.Fail(403, "USER_ACCOUNT_ABNORMAL", "the user's account is closed"),
            RefundRefusal.AskAgain => V3Answer.Fail(500, "SYSTEM_ERROR", "not done; ask again under the same number"),
            var other => V3Answer.Fail(400, "INVALID_REQUEST", other.ToString()),
        };
    }

    public V3Answer Query(V3Call call) => state.Refunds.GetValueOrDefault(call.Key) is { } refund
        ? V3Answer.Ok(Describe(refund))
        : V3Answer.Fail(404, "RESOURCE_NOT_EXISTS", "no such refund");

    private static JsonObject Describe(Refund refund)
    {
        var body = new JsonObject
        {
            ["refund_id"] = refund.Id,
            ["out_refund_no"] = refund.Number,
            ["transaction_id"] = refund.Order.TransactionId,
            ["out_trade_no"] = refund.Order.Number,
            ["channel"] = "ORIGINAL",
            ["user_received_account"] = "支付用户零钱",
            ["create_time"] = BeijingTime.Rfc3339(refund.AskedAt),
            ["status"] = RefundNews.V3State(refund.Stage),
            ["funds_account"] = "AVAILABLE",
            ["amount"] = new JsonObject
            {
                ["total"] = refund.Order.Amount, ["refund"] = refund.Amount, ["payer_total"] = refund.Order.Amount,
                ["payer_refund"] = refund.Amount, ["settlement_refund"] = refund.Amount, ["settlement_total"] = refund.Order.Amount,
                ["discount_refund"] = 0, ["currency"] = "CNY",
            },
        };
        if (refund.Stage == RefundStage.Done)
            body["success_time"] = BeijingTime.Rfc3339(refund.EndedAt);
        return body;
    }
}
