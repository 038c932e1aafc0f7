using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Verifies and reads what the rail calls back, and answers in its form. The kind of a message is told by its content.</summary>
public sealed class WeChatPayCallbacks(WeChatPayOptions options, WeChatPayPlatformKeys keys)
{
    /// <summary>The largest body that is read: 64 KiB.</summary>
    public const int MaxBytes = WeChatPayXml.MaxBytes;

    private const string V2Success = "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>";

    /// <summary>Verifies and reads a callback; nothing of a message that fails a check is used.</summary>
    /// <param name="callback">The raw request.</param>
    /// <param name="now">The instant freshness and certificates are judged at.</param>
    public CallbackReading Read(Callback callback, Instant now) =>
        callback.Body.Length > MaxBytes ? new CallbackReading.Rejected($"the body has more than {MaxBytes} bytes")
        : IsV3(callback) ? ReadV3(callback, now)
        : ReadV2(callback.Body.Span);

    /// <summary>The answer in the rail's own form.</summary>
    /// <param name="callback">The request answered.</param>
    /// <param name="received">False asks the rail to deliver again.</param>
    /// <param name="reason">Short, for the rail's log.</param>
    public static CallbackReply ReplyTo(Callback callback, bool received, string reason) => (IsV3(callback), received) switch
    {
        (true, true) => new(200, "application/json", """{"code":"SUCCESS","message":"成功"}"""),
        (true, false) => new(500, "application/json", $$"""{"code":"FAIL","message":{{JsonSerializer.Serialize(reason)}}}"""),
        (false, true) => new(200, "text/xml", V2Success),
        (false, false) => new(200, "text/xml", WeChatPayXml.Write(
            [KeyValuePair.Create("return_code", "FAIL"), KeyValuePair.Create("return_msg", reason)])),
    };

    private static bool IsV3(Callback callback)
    {
        var body = callback.Body.Span.TrimStart(" \t\r\n"u8);
        return body.Length > 0 && body[0] == (byte)'{';
    }

    private CallbackReading ReadV2(ReadOnlySpan<byte> body)
    {
        if (!WeChatPayXml.TryRead(body, out var fields, out var why))
            return new CallbackReading.Rejected($"broken XML: {why}");
        if (fields.Text("return_code") != "SUCCESS")
            return new CallbackReading.Rejected($"return_code {fields.Code("return_code")}");
        if (fields.ContainsKey("req_info"))
            return ReadRefund(fields);
        var isContract = fields.ContainsKey("change_type");
        var isPayment = fields.Text("trade_type") is not ("" or "PAP");

        // Messages of the signing pages, and of orders made on them, are always MD5; the method of deductions is the merchant's choice.
        var method = isContract || isPayment ? WeChatPaySignType.Md5 : options.SignType;
        if (!WeChatPaySigner.Verify(fields, options.ApiV2Key, method))
            return new CallbackReading.Rejected("the signature is wrong or missing");
        if (fields.Text("mch_id") != options.MchId || (!isContract && fields.Text("appid") != options.AppId))
            return new CallbackReading.Rejected("for another merchant or app");
        if (isContract)
        {
            // A signing that failed, or a change of another kind: the state of ours is asked for by its own duties.
            return (fields.Text("result_code"), fields.Text("change_type")) is ("SUCCESS", "ADD" or "DELETE")
                ? OfContract(fields.Text("contract_code"), WeChatPayVerdicts.JudgeContractChange(fields))
                : new CallbackReading.NothingForUs($"a contract message with change_type {fields.Code("change_type")}, result_code {fields.Code("result_code")}");
        }

        return fields.Text("out_trade_no") is { Length: > 0 } order
            ? new CallbackReading.OfCharge(order, isPayment ? WeChatPayVerdicts.JudgePayment(fields) : WeChatPayVerdicts.JudgeDeduction(fields))
            : new CallbackReading.Rejected("no order number");
    }

    // This message has no signature: that it opens, with our key, into a well-formed document with both numbers is its only proof.
    private CallbackReading ReadRefund(IReadOnlyDictionary<string, string> envelope)
    {
        if (envelope.Text("mch_id") != options.MchId || envelope.Text("appid") != options.AppId)
            return new CallbackReading.Rejected("for another merchant or app");
        if (WeChatPayCipher.TryDecryptReqInfo(options.ApiV2Key, envelope.Text("req_info")) is not { } plain)
            return new CallbackReading.Rejected("req_info cannot be decrypted");
        if (!WeChatPayXml.TryRead(plain, out var fields, out var why, root: "root"))
            return new CallbackReading.Rejected($"broken XML in req_info: {why}");
        return OfRefund(fields.Text("out_trade_no"), fields.Text("out_refund_no"), WeChatPayVerdicts.JudgeRefundResult(fields));
    }

    private CallbackReading ReadV3(Callback callback, Instant now)
    {
        if (keys.WhyNot(WeChatPaySignedHeaders.TryRead(name => Header(callback, name)), callback.Body.Span, now) is { } fault)
            return new CallbackReading.Rejected(fault);
        try
        {
            using var envelope = JsonDocument.Parse(callback.Body);
            var sealedBox = envelope.RootElement.Child("resource");
            if (sealedBox.Text("algorithm") != WeChatPayCipher.AeadAlgorithm)
                return new CallbackReading.Rejected("the resource is not AEAD_AES_256_GCM");
            if (WeChatPayCipher.TryDecryptAead(
                    options.ApiV3Key, sealedBox.Text("nonce"), sealedBox.Text("associated_data"), sealedBox.Text("ciphertext")) is not { } plain)
                return new CallbackReading.Rejected("the resource cannot be decrypted");
            using var resource = JsonDocument.Parse(plain);
            return ReadResource(envelope.RootElement.Text("event_type"), resource.RootElement);
        }
        catch (JsonException)
        {
            return new CallbackReading.Rejected("broken JSON");
        }
    }

    private CallbackReading ReadResource(string eventType, JsonElement resource)
    {
        if (resource.Text("mchid") != options.MchId || (resource.Text("appid") is { Length: > 0 } app && app != options.AppId))
            return new CallbackReading.Rejected("for another merchant or app");
        return eventType.Split('.')[0] switch
        {
            "ENTRUST" => OfContract(resource.Text("out_contract_code"), WeChatPayVerdicts.JudgeContractResource(resource)),
            "TRANSACTION" => resource.Text("out_trade_no") is { Length: > 0 } order
                ? new CallbackReading.OfCharge(order, WeChatPayVerdicts.JudgeTransaction(resource))
                : new CallbackReading.Rejected("no order number"),
            "REFUND" => OfRefund(resource.Text("out_trade_no"), resource.Text("out_refund_no"), WeChatPayVerdicts.JudgeRefundResource(resource)),
            _ => new CallbackReading.NothingForUs($"event_type {RailWords.Code(eventType)}"),
        };
    }

    private static CallbackReading OfContract(string code, AgreementAnswer? answer) => code.Length > 0 && answer is not null
        ? new CallbackReading.OfAgreement(code, answer)
        : new CallbackReading.Rejected("a contract message that says nothing");

    private static CallbackReading OfRefund(string order, string refund, RefundAnswer answer) => order.Length > 0 && refund.Length > 0
        ? new CallbackReading.OfRefund(order, refund, answer)
        : new CallbackReading.Rejected("a refund message without its numbers");

    private static string? Header(Callback callback, string name)
    {
        foreach (var (key, value) in callback.Headers)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}
