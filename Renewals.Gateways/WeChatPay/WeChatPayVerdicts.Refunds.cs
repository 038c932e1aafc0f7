using System.Diagnostics;
using System.Text.Json;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Gateways.RefundAnswer;

namespace Renewals.Gateways.WeChatPay;

public sealed partial record WeChatPayVerdicts
{
    // The rail answers at most ten refunds of an order at once; ours is asked for by its own number.
    private const int MostRefunds = 50;

    /// <summary>The answer to a refund by API v2. SUCCESS means accepted, not yet given back.</summary>
    public RefundAnswer JudgeRefund(WeChatPayReply reply, RefundOrder refund) => Judge(reply, refund, fields => fields.Text("result_code") switch
    {
        "SUCCESS" => new Pending("PROCESSING"),
        "FAIL" => OfRefundCode(fields.Text("err_code")),
        var code => new Unknown($"result_code {RailWords.Code(code)}"),
    });

    /// <summary>The answer to a question for a refund by API v2; its fields carry the refund's index.</summary>
    public RefundAnswer JudgeRefundQuery(WeChatPayReply reply, RefundOrder refund) => Judge(reply, refund, fields =>
        (fields.Text("result_code"), fields.Text("err_code")) switch
        {
            ("SUCCESS", _) => Indexed(fields, refund) is { } index ? OfIndexed(fields, index) : new Unknown("the answer does not hold the refund"),
            ("FAIL", "REFUNDNOTEXIST" or "REFUND_NOT_EXIST") => new Missing(),
            ("FAIL", var code) => new Unknown($"the query was refused: {RailWords.Code(code)}"),
            var (code, _) => new Unknown($"result_code {RailWords.Code(code)}"),
        });

    /// <summary>The answer to a refund, or to a question for one, by API v3.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="refund">The refund it is about.</param>
    /// <param name="isQuery">True for a question: then "not found" means that the rail has no such refund.</param>
    public RefundAnswer JudgeRefundV3(WeChatPayReply reply, RefundOrder refund, bool isQuery) => reply switch
    {
        WeChatPayReply.Json { Status: 200 } json => OfResource(json, refund),
        WeChatPayReply.Json { Status: 404 } json when isQuery && V3Fault(json) is "RESOURCE_NOT_EXISTS" or "NOT_FOUND" => new Missing(),
        WeChatPayReply.Json { Status: >= 400 and < 500 } json when !isQuery && V3Fault(json) is { } code => OfRefundCode(code),
        WeChatPayReply.Json json => new Unknown($"HTTP {json.Status} {RailWords.Code(V3Fault(json) ?? "")}"),
        WeChatPayReply.Unclear unclear => new Unknown(unclear.Why),
        WeChatPayReply.NotSent notSent => new Unknown(notSent.Why),
        WeChatPayReply.Message => throw new ArgumentException("This is an answer of API v2.", nameof(reply)),
        _ => throw new UnreachableException(),
    };

    /// <summary>A refund's state: in a callback of API v2 (<c>req_info</c>).</summary>
    public static RefundAnswer JudgeRefundResult(IReadOnlyDictionary<string, string> fields) => OfRefundState(
        fields.Text("refund_status"), WeChatPayWire.Fen(fields.Text("refund_fee"), ""), fields.Text("refund_id"), fields.Text("success_time"));

    /// <summary>A refund's state: in a resource of API v3. The name of the state differs between answers and callbacks.</summary>
    public static RefundAnswer JudgeRefundResource(JsonElement resource) => OfRefundState(
        resource.Text("refund_status") is { Length: > 0 } state ? state : resource.Text("status"),
        resource.Child("amount").Fen("refund"), resource.Text("refund_id"), resource.Text("success_time"));

    private static RefundAnswer OfRefundState(string state, Core.Plans.Money? amount, string id, string time) => state switch
    {
        "SUCCESS" => amount is { } given && id.Length > 0 && WeChatPayWire.Time(time) is { } at
            ? new Refunded(given, id, at)
            : new Unknown("a refund without amount, number or time"),
        "PROCESSING" => new Pending(state),

        // CHANGE and ABNORMAL: the money could not reach the member and lies with the merchant. CLOSED: it was never given back.
        "CHANGE" or "ABNORMAL" or "REFUNDCLOSE" or "CLOSED" => new Impossible(state, "the refund did not reach the member"),
        _ => new Unknown($"refund_status {RailWords.Code(state)}"),
    };

    private static RefundAnswer OfRefundCode(string code) => code switch
    {
        "TRADE_OVERDUE" or "USER_ACCOUNT_ABNORMAL" => new Impossible(code, WeChatPayCodes.Refused),

        // The merchant's funds are short: the same number works once they are there.
        "NOTENOUGH" or "NOT_ENOUGH" => new Refused(code, WeChatPayCodes.Refused),
        "ORDERNOTEXIST" or "ORDER_NOT_EXIST" or "INVALID_TRANSACTIONID" or "RESOURCE_NOT_EXISTS" or "MCH_NOT_EXISTS" => new Refused(code, WeChatPayCodes.Refused),
        "BIZERR_NEED_RETRY" or "ERROR" => new Unknown(RailWords.Code(code)),
        _ => WeChatPayCodes.ClassOf(code) == WeChatPayCodeClass.OurFault ? new Refused(code, WeChatPayCodes.Refused) : new Unknown(RailWords.Code(code)),
    };

    private static int? Indexed(IReadOnlyDictionary<string, string> fields, RefundOrder refund)
    {
        for (var i = 0; i < MostRefunds; i++)
        {
            if (fields.Text($"out_refund_no_{i}") == refund.Number.ToString())
                return i;
        }

        return null;
    }

    private static RefundAnswer OfIndexed(IReadOnlyDictionary<string, string> fields, int i) => OfRefundState(
        fields.Text($"refund_status_{i}"), WeChatPayWire.Fen(fields.Text($"refund_fee_{i}"), fields.Text("fee_type")),
        fields.Text($"refund_id_{i}"), fields.Text($"refund_success_time_{i}"));

    private static RefundAnswer OfResource(WeChatPayReply.Json json, RefundOrder refund)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Body.Span);
            using var document = JsonDocument.ParseValue(ref reader);
            var resource = document.RootElement;
            return resource.Text("out_refund_no") != refund.Number.ToString() || resource.Text("out_trade_no") != refund.Number.OfAttempt.ToString()
                ? new Unknown("the answer is for another refund")
                : JudgeRefundResource(resource);
        }
        catch (JsonException)
        {
            return new Unknown("broken JSON");
        }
    }

    private RefundAnswer Judge(WeChatPayReply reply, RefundOrder refund, Func<IReadOnlyDictionary<string, string>, RefundAnswer> judge) => reply switch
    {
        WeChatPayReply.NotSent notSent => new Unknown(notSent.Why),
        WeChatPayReply.Unclear unclear => new Unknown(unclear.Why),
        WeChatPayReply.Message message =>
            (Foreign(message.Fields, "out_trade_no", refund.Number.OfAttempt.ToString())
                ?? Foreign(message.Fields, "out_refund_no", refund.Number.ToString())) is { } fault
                ? new Unknown(fault)
                : judge(message.Fields),
        WeChatPayReply.Json => throw new ArgumentException("This is an answer of API v3.", nameof(reply)),
        _ => throw new UnreachableException(),
    };
}
