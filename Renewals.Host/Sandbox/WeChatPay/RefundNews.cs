using System.Text;
using System.Text.Json.Nodes;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Tells of a settled refund, in the form of the interface that asked for it (退款结果通知).</summary>
internal sealed class RefundNews(WeChatPayState state, Messenger messenger)
{
    /// <summary>The word of API v2 for a state.</summary>
    public static string V2State(RefundStage stage) => stage switch
    {
        RefundStage.Done => "SUCCESS",
        RefundStage.Closed => "REFUNDCLOSE",
        RefundStage.Processing => "PROCESSING",
        RefundStage.Unreachable => "CHANGE",
        _ => throw new InvalidOperationException($"Stage {stage} is unknown."),
    };

    /// <summary>The word of API v3 for a state.</summary>
    public static string V3State(RefundStage stage) => stage switch
    {
        RefundStage.Done => "SUCCESS",
        RefundStage.Closed => "CLOSED",
        RefundStage.Processing => "PROCESSING",
        RefundStage.Unreachable => "ABNORMAL",
        _ => throw new InvalidOperationException($"Stage {stage} is unknown."),
    };

    /// <summary>Plans the callback, where the merchant gave an address.</summary>
    public void Tell(Refund refund)
    {
        if ((refund.OnPlatform ? state.MerchantNotifyUrl : refund.NotifyUrl) is not { } address)
            return;
        var to = new CallbackTo(address, refund.Number, refund.EndedAt, refund.Decision.Callback);
        if (refund.ByV3)
            messenger.TellV3(to, "REFUND." + V3State(refund.Stage), "refund", Resource(refund));
        else
            messenger.TellXml(to, RetryPlans.Money, Envelope(refund), signType: null);
    }

    private IEnumerable<KeyValuePair<string, string>> Envelope(Refund refund) =>
        [new("return_code", "SUCCESS"), .. Wire.Sender(state), new("req_info", ReqInfo(refund))];

    private string ReqInfo(Refund refund)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("transaction_id", refund.Order.TransactionId), new("out_trade_no", refund.Order.Number), new("refund_id", refund.Id),
            new("out_refund_no", refund.Number), new("total_fee", refund.Order.Amount.ToString()),
            new("settlement_total_fee", refund.Order.Amount.ToString()), new("refund_fee", refund.Amount.ToString()),
            new("settlement_refund_fee", refund.Amount.ToString()),
            new("refund_status", V2State(refund.Stage)),
            new("success_time", refund.Stage == RefundStage.Done ? BeijingTime.Readable(refund.EndedAt) : ""),
            new("refund_recv_accout", "支付用户的零钱"),
            new("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS"),
            new("refund_request_source", refund.OnPlatform ? "VENDOR_PLATFORM" : "API"),
        ];
        return WeChatPayCipher.EncryptReqInfo(state.Credentials.ApiV2Key, Encoding.UTF8.GetBytes(WeChatPayXml.Write(fields, "root")));
    }

    private JsonObject Resource(Refund refund)
    {
        var resource = new JsonObject
        {
            ["mchid"] = state.Credentials.MchId,
            ["transaction_id"] = refund.Order.TransactionId,
            ["out_trade_no"] = refund.Order.Number,
            ["refund_id"] = refund.Id,
            ["out_refund_no"] = refund.Number,
            ["refund_status"] = V3State(refund.Stage),
            ["user_received_account"] = "支付用户零钱",
            ["amount"] = new JsonObject
            {
                ["total"] = refund.Order.Amount,
                ["refund"] = refund.Amount,
                ["payer_total"] = refund.Order.Amount,
                ["payer_refund"] = refund.Amount,
            },
        };
        if (refund.Stage == RefundStage.Done)
            resource["success_time"] = BeijingTime.Rfc3339(refund.EndedAt);
        return resource;
    }
}
