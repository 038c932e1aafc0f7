using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Pay-while-signing (支付中签约): <c>/pay/contractorder</c>, <c>/pay/orderquery</c>, <c>/pay/closeorder</c>.</summary>
internal sealed class CashierDesk(WeChatPayState state, SigningDesk signings)
{
    private static readonly Duration PrepayLife = Duration.FromHours(2);

    public V2Answer ContractOrder(V2Call call, Uri baseAddress)
    {
        if (RefusalOf(call) is { } refusal)
            return refusal;
        if (state.Orders.GetValueOrDefault(call["out_trade_no"]) is { } earlier)
            return Repeat(earlier, call, baseAddress);
        var prepayId = "wx" + StableId.Hex(34, "prepay", call["out_trade_no"]);
        var (signing, failure) = signings.OpenForOrder(call, prepayId);
        var order = new Order(call, ExecutedUnder.Cashier)
        {
            TradeType = call["trade_type"],
            PreSigning = signing,
            PrepayId = prepayId,
            ExpiresAt = Instant.Min(BeijingTime.ParseCompact(call["time_expire"]) ?? Instant.MaxValue, call.Now + PrepayLife),
        };
        state.Orders.Add(order.Number, order);
        state.OrdersByPrepay.Add(prepayId, order);
        return Created(order, call, baseAddress, failure);
    }

    /// <summary><c>/pay/orderquery</c>: orders of the cashier.</summary>
    public V2Answer Query(V2Call call)
    {
        if (call["transaction_id"].Length + call["out_trade_no"].Length == 0)
            return V2Answer.Fail("LACK_PARAMS", "transaction_id or out_trade_no is required");
        if (state.FindOrder(call["transaction_id"], call["out_trade_no"]) is not { Contract: null } order)
            return V2Answer.Fail("ORDERNOTEXIST", "no such order");
        return order.Stage == OrderStage.Paid
            ? ChargeNews.WithAll(
                V2Answer.Ok().With("trade_state", order.IsRefunded ? "REFUND" : "SUCCESS").With("trade_state_desc", "paid"),
                Wire.Payment(order, state))
            : V2Answer.Ok().With("trade_state", order.Stage == OrderStage.Closed ? "CLOSED" : "NOTPAY")
                .With("trade_state_desc", "not paid").With("out_trade_no", order.Number).With("attach", order.Attach);
    }

    /// <summary><c>/pay/closeorder</c>: the order can never be paid, its pre-signing never be confirmed.</summary>
    public V2Answer Close(V2Call call)
    {
        if (state.Orders.GetValueOrDefault(call["out_trade_no"]) is not { Contract: null } order)
            return V2Answer.Fail("ORDERNOTEXIST", "no such order");
        if (order.Stage != OrderStage.Open)
        {
            return order.Stage == OrderStage.Paid
                ? V2Answer.Fail("ORDERPAID", "the order is paid")
                : V2Answer.Fail("ORDERCLOSED", "the order is closed");
        }

        order.Stage = OrderStage.Closed;
        if (order.PreSigning is { Stage: SigningStage.Pending } signing)
            signing.Stage = SigningStage.GivenUp;
        return V2Answer.Ok();
    }

    private static V2Answer? RefusalOf(V2Call call)
    {
        if (call["contract_mchid"] != call["mch_id"] || call["contract_appid"] != call["appid"])
            return V2Answer.Fail("PARAM_ERROR", "contract_mchid and contract_appid must equal mch_id and appid");
        if (call["trade_type"] == "JSAPI" && call["openid"].Length == 0)
            return V2Answer.Fail("PARAM_ERROR", "JSAPI needs openid");
        if (call["trade_type"] == "NATIVE" && call["product_id"].Length == 0)
            return V2Answer.Fail("PARAM_ERROR", "NATIVE needs product_id");
        if (call["time_expire"].Length == 0)
            return null;
        var from = BeijingTime.ParseCompact(call["time_start"]) ?? call.Now;
        return BeijingTime.ParseCompact(call["time_expire"]) is { } expiry && expiry - from > Duration.FromMinutes(5)
            ? null
            : V2Answer.Fail("PARAM_ERROR", "time_expire must be more than five minutes after time_start");
    }

    private V2Answer Repeat(Order earlier, V2Call call, Uri baseAddress) =>
        earlier.Contract is not null ? V2Answer.Fail("OUT_TRADE_NO_USED", "the order number was used (商户订单号重复)")
        : earlier.Fingerprint != call.Fingerprint() ? V2Answer.Fail("INVALID_REQUEST", "parameters differ from the first request")
        : earlier.Stage == OrderStage.Paid ? V2Answer.Fail("ORDERPAID", "the order is paid")
        : earlier.Stage == OrderStage.Closed ? V2Answer.Fail("ORDERCLOSED", "the order is closed")
        : Created(earlier, call, baseAddress, earlier.PreSigning is null ? V2Answer.Fail("SYSTEMERROR", "system error") : null);

    // The trap of this call: it succeeds as a whole although its pre-signing failed, and the order is payable.
    private static V2Answer Created(Order order, V2Call call, Uri baseAddress, V2Answer? failure)
    {
        var answer = V2Answer.Ok().With("contract_result_code", failure is null ? "SUCCESS" : "FAIL");
        if (failure is not null)
            answer.With("contract_err_code", SigningDesk.CodeOf(failure)).With("contract_err_code_des", "pre-signing failed");
        if (order.TradeType == "NATIVE")
            answer.With("code_url", "weixin://wxpay/bizpayurl?pr=" + StableId.Base64Url(9, "code", order.Number));
        if (order.TradeType == "MWEB")
            answer.With("mweb_url", new Uri(baseAddress, $"/wechat/cashier/{order.PrepayId}").AbsoluteUri);
        return answer.With("prepay_id", order.PrepayId).With("trade_type", order.TradeType).With("plan_id", call["plan_id"])
            .With("request_serial", call["request_serial"]).With("contract_code", call["contract_code"])
            .With("contract_display_account", call["contract_display_account"]).With("out_trade_no", order.Number);
    }
}
