using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Renewals.Core.Gateways;
using Renewals.Core.Plans;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Builds the requests of everything but signing: one method per call, exactly the fields its page lists.</summary>
internal sealed class WeChatPayMessages(WeChatPayOptions options)
{
    private static readonly LocalDatePattern BillDate = LocalDatePattern.CreateWithInvariantCulture("uuuuMMdd");
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly WeChatPaySealer sealer = new(options);

    /// <summary>Apply for a deduction (申请扣款).</summary>
    public WeChatPayMessage Apply(ChargeOrder order) => Common(
        "/pay/pappayapply", sealer.DerivedNonce("pappayapply", order.Number.ToString()),
        ("body", order.Subject),
        ("out_trade_no", order.Number.ToString()),
        ("total_fee", Fen(order.Amount)),
        ("fee_type", order.Amount.Currency),
        ("spbill_create_ip", options.ServerAddress),
        ("notify_url", options.NotifyUrl!.OriginalString),
        ("trade_type", "PAP"),
        ("contract_id", order.Agreement.RailAgreementId));

    /// <summary>Ask for an order: of a deduction, or of an ordinary payment, which are kept apart at the rail.</summary>
    public WeChatPayMessage OrderQuery(ChargeOrder order) => Common(
        order.PaidWhileSigning ? "/pay/orderquery" : "/pay/paporderquery", WeChatPaySealer.RandomNonce(), ("out_trade_no", order.Number.ToString()));

    /// <summary>Close an ordinary order that is not paid (关闭订单). Deductions have no such call.</summary>
    public WeChatPayMessage CloseOrder(string orderNumber) => Common(
        "/pay/closeorder", sealer.DerivedNonce("closeorder", orderNumber), ("out_trade_no", orderNumber));

    /// <summary>Ask for a contract; <c>nonce_str</c> in this call makes the rail refuse the signature.</summary>
    public WeChatPayMessage QueryContract(AgreementOrder agreement) => sealer.Seal("/papay/querycontract", WeChatPaySignType.Md5,
    [
        ("appid", options.AppId), ("mch_id", options.MchId), .. WeChatPaySealer.Naming(agreement), ("version", "1.0"),
    ]);

    /// <summary>End a contract.</summary>
    public WeChatPayMessage DeleteContract(AgreementOrder agreement, string remark) => sealer.Seal("/papay/deletecontract", WeChatPaySignType.Md5,
    [
        ("appid", options.AppId), ("mch_id", options.MchId), .. WeChatPaySealer.Naming(agreement), ("contract_termination_remark", remark),
        ("version", "1.0"),
    ]);

    /// <summary>Refund by API v2 (needs the client certificate).</summary>
    public WeChatPayMessage Refund(RefundOrder refund) => Common(
        "/secapi/pay/refund", sealer.DerivedNonce("refund", refund.Number.ToString()),
        ("out_trade_no", refund.Number.OfAttempt.ToString()),
        ("out_refund_no", refund.Number.ToString()),
        ("total_fee", Fen(refund.Paid)),
        ("refund_fee", Fen(refund.Amount)),
        ("refund_fee_type", refund.Amount.Currency),
        ("refund_desc", refund.Reason),
        ("notify_url", options.NotifyUrl!.OriginalString));

    /// <summary>Ask for a refund by API v2.</summary>
    public WeChatPayMessage RefundQuery(RefundOrder refund) => Common(
        "/pay/refundquery", WeChatPaySealer.RandomNonce(), ("out_refund_no", refund.Number.ToString()));

    /// <summary>Download the statement of a day (下载对账单), all kinds of lines, packed.</summary>
    public WeChatPayMessage DownloadBill(LocalDate day) => Common(
        "/pay/downloadbill", WeChatPaySealer.RandomNonce(), ("bill_date", BillDate.Format(day)), ("bill_type", "ALL"), ("tar_type", "GZIP"));

    /// <summary>The rail's notice before a charge (预扣费通知); the amount's name is <c>amount</c> here, not <c>total</c>.</summary>
    public WeChatPayV3Message PreNotice(RailNoticeOrder notice) => Post(
        $"/v3/papay/contracts/{Uri.EscapeDataString(notice.Agreement.RailAgreementId ?? "")}/notify", json =>
        {
            json.WriteString("mchid", options.MchId);
            json.WriteString("appid", options.AppId);
            json.WriteStartObject("estimated_amount");
            json.WriteNumber("amount", notice.Amount.MinorUnits);
            json.WriteString("currency", notice.Amount.Currency);
            json.WriteEndObject();
            if (options.DeductDurationDays is { } days)
            {
                json.WriteStartObject("deduct_duration");
                json.WriteNumber("count", days);
                json.WriteString("unit", "DAY");
                json.WriteEndObject();
            }
        });

    /// <summary>Refund by API v3.</summary>
    public WeChatPayV3Message RefundV3(RefundOrder refund) => Post("/v3/refund/domestic/refunds", json =>
    {
        json.WriteString("out_trade_no", refund.Number.OfAttempt.ToString());
        json.WriteString("out_refund_no", refund.Number.ToString());
        if (refund.Reason.Length > 0)
            json.WriteString("reason", refund.Reason);
        json.WriteString("notify_url", options.NotifyUrl!.OriginalString);
        json.WriteStartObject("amount");
        json.WriteNumber("refund", refund.Amount.MinorUnits);
        json.WriteNumber("total", refund.Paid.MinorUnits);
        json.WriteString("currency", refund.Amount.Currency);
        json.WriteEndObject();
    });

    /// <summary>Ask for a refund by API v3.</summary>
    public static WeChatPayV3Message RefundQueryV3(RefundOrder refund) => Get($"/v3/refund/domestic/refunds/{refund.Number}");

    /// <summary>Download the platform certificates.</summary>
    public static WeChatPayV3Message Certificates() => Get("/v3/certificates");

    private static string Fen(Money amount) => amount.MinorUnits.ToString(CultureInfo.InvariantCulture);

    private static WeChatPayV3Message Get(string path) => new("GET", path, ReadOnlyMemory<byte>.Empty);

    private static WeChatPayV3Message Post(string path, Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        return new("POST", path, buffer.WrittenMemory);
    }

    private WeChatPayMessage Common(string path, string nonce, params (string Name, string? Value)[] fields) => sealer.Seal(path, options.SignType,
    [
        ("appid", options.AppId), ("mch_id", options.MchId), ("nonce_str", nonce), ("sign_type", WeChatPaySealer.SignTypeField(options.SignType)),
        .. fields,
    ]);
}
