using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Tells of charges: the result callback (扣款结果通知) and <c>/pay/paporderquery</c>.</summary>
internal sealed class ChargeNews(WeChatPayState state, Messenger messenger)
{
    /// <summary>Plans the callback of a settled order.</summary>
    public void Tell(Order order)
    {
        IEnumerable<KeyValuePair<string, string>> message = order.Stage == OrderStage.Paid
            ? [new("result_code", "SUCCESS"), new("trade_state", "SUCCESS"), .. Wire.Paid(order, state)]
            : [.. Failure(order), .. Wire.Sender(state), new("out_trade_no", order.Number), new("attach", order.Attach)];
        var to = new CallbackTo(order.NotifyUrl, order.Number, order.EndedAt, order.Decision.Callback);
        messenger.TellXml(
            to, RetryPlans.Money,
            [new("return_code", "SUCCESS"), new("return_msg", "OK"), .. message, new("contract_id", order.Contract!.Id)], order.SignType);
    }

    /// <summary><c>/pay/paporderquery</c>: only orders of the deduction interface, and only for a month.</summary>
    public V2Answer Query(V2Call call)
    {
        if (call["transaction_id"].Length + call["out_trade_no"].Length == 0)
            return V2Answer.Fail("LACK_PARAMS", "transaction_id or out_trade_no is required");
        var order = state.FindOrder(call["transaction_id"], call["out_trade_no"]);
        if (order is { Contract: null })
            return V2Answer.Fail("INVALID_REQUEST", "the order is not an entrusted-deduction order");
        var monthAgo = call.Now.InBeijing().PlusMonths(-1).BeijingToInstant();
        if (order is null || order.AcceptedAt < monthAgo)
            return V2Answer.Fail("ORDERNOTEXIST", "no such order");
        var (tradeState, text) = StateOf(order, call.Now);
        var answer = V2Answer.Ok().With("trade_state", tradeState).With("trade_state_desc", text).With("contract_id", order.Contract!.Id);
        if (order.Stage == OrderStage.Failed)
            answer.With("err_code", order.FailCode).With("err_code_des", TextOf(order.FailCode));
        return order.Stage == OrderStage.Paid
            ? WithAll(answer, Wire.Payment(order, state))
            : answer.With("trade_type", order.TradeType).With("out_trade_no", order.Number).With("total_fee", order.Amount)
                .With("attach", order.Attach);
    }

    public static V2Answer WithAll(V2Answer answer, IEnumerable<KeyValuePair<string, string>> fields)
    {
        foreach (var (name, value) in fields)
            answer.With(name, value);
        return answer;
    }

    private static (string State, string Text) StateOf(Order order, Instant now) => order.Stage switch
    {
        OrderStage.Open when now < order.ExecuteAt => ("ACCEPT", "accepted, waiting to be charged"),
        OrderStage.Open => ("NOTPAY", "being charged"),
        OrderStage.Paid when order.IsRefunded => ("REFUND", "refunded, at least in part"),
        OrderStage.Paid => ("SUCCESS", "paid"),
        OrderStage.Failed => ("PAY_FAIL", TextOf(order.FailCode)),
        OrderStage.Closed => ("CLOSED", "closed"),
        _ => throw new InvalidOperationException($"Stage {order.Stage} is unknown."),
    };

    private static IEnumerable<KeyValuePair<string, string>> Failure(Order order) => order.Decision.Shape switch
    {
        FailureShape.A =>
        [
            new("result_code", "FAIL"), new("err_code", order.FailCode), new("err_code_des", TextOf(order.FailCode)),
            new("trade_state", "PAY_FAIL"),
        ],
        FailureShape.B =>
            [new("result_code", "SUCCESS"), new("trade_state", "PAY_FAIL"), new("trade_state_desc", "no usable payment method")],
        FailureShape.C => [new("result_code", "FAIL"), new("err_code", "0"), new("err_code_des", "SUCCESS")],
        _ => throw new InvalidOperationException($"Shape {order.Decision.Shape} is unknown."),
    };

    private static string TextOf(string code) => code switch
    {
        "NOTENOUGH" => "the balance does not suffice (余额不足)",
        "USER_ACCOUNT_ABNORMAL" => "the user's account is abnormal (用户账户异常)",
        _ => "the charge failed (扣款失败)",
    };
}
