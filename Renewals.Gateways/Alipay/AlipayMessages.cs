using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.Alipay;

/// <summary>Builds the contents of all calls but those of signing. Fields stand in a fixed order, so equal orders give equal bytes.</summary>
internal sealed class AlipayMessages(AlipayOptions options)
{
    /// <summary>The personal product of agreements with a period plan.</summary>
    public const string PersonalProduct = "CYCLE_PAY_AUTH_P";

    private const string CertificateMethod = "alipay.open.app.alipaycert.download";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Take the money of one order under an agreement (商家扣款).</summary>
    public AlipayMessage Pay(ChargeOrder order) => Build("alipay.trade.pay", notifies: true, write: json =>
    {
        json.WriteString("out_trade_no", order.Number.ToString());
        json.WriteString("total_amount", AlipayWire.Yuan(order.Amount));
        json.WriteString("subject", Subject(order.Subject));
        json.WriteString("product_code", options.ProductCode);
        json.WriteStartObject("agreement_params");
        json.WriteString("agreement_no", order.Agreement.RailAgreementId);
        json.WriteEndObject();
        if (order.ExpiresAt is { } end)
            json.WriteString("time_expire", AlipayWire.Time(end));
    });

    /// <summary>Ask for an order.</summary>
    public static AlipayMessage Query(string orderNumber) => OfOrder("alipay.trade.query", orderNumber);

    /// <summary>Close an order that is not paid.</summary>
    public static AlipayMessage Close(string orderNumber) => OfOrder("alipay.trade.close", orderNumber);

    /// <summary>Cancel an order: it closes an unpaid one and gives back a paid one.</summary>
    public static AlipayMessage Cancel(string orderNumber) => OfOrder("alipay.trade.cancel", orderNumber);

    /// <summary>Give money back.</summary>
    public static AlipayMessage Refund(RefundOrder refund) => Build("alipay.trade.refund", write: json =>
    {
        json.WriteString("out_trade_no", refund.Number.OfAttempt.ToString());
        json.WriteString("refund_amount", AlipayWire.Yuan(refund.Amount));
        if (refund.Reason.Length > 0)
            json.WriteString("refund_reason", Cut(refund.Reason));
        json.WriteString("out_request_no", refund.Number.ToString());
    });

    /// <summary>Ask for a refund.</summary>
    public static AlipayMessage RefundQuery(RefundOrder refund) => Build("alipay.trade.fastpay.refund.query", write: json =>
    {
        json.WriteString("out_trade_no", refund.Number.OfAttempt.ToString());
        json.WriteString("out_request_no", refund.Number.ToString());
        json.WriteStartArray("query_options");
        json.WriteStringValue("gmt_refund_pay");
        json.WriteEndArray();
    });

    /// <summary>Ask for an agreement: by the rail's number where it is known, else by ours.</summary>
    public static AlipayMessage QueryAgreement(AgreementOrder agreement) =>
        Build("alipay.user.agreement.query", write: json => WriteAgreement(json, agreement));

    /// <summary>End an agreement (解约).</summary>
    public static AlipayMessage Unsign(AgreementOrder agreement) =>
        Build("alipay.user.agreement.unsign", notifies: true, write: json => WriteAgreement(json, agreement));

    /// <summary>Move the rail's next charge date (修改扣款时间).</summary>
    public static AlipayMessage MovePlan(string agreementNumber, LocalDate next) => Build("alipay.user.agreement.executionplan.modify", write: json =>
    {
        json.WriteString("agreement_no", agreementNumber);
        json.WriteString("deduct_time", AlipayWire.Date(next));
    });

    /// <summary>Ask where a day's statement can be had (账单).</summary>
    public static AlipayMessage Statement(LocalDate day) => Build("alipay.data.dataservice.bill.downloadurl.query", write: json =>
    {
        json.WriteString("bill_type", "trade");
        json.WriteString("bill_date", AlipayWire.Date(day));
    });

    /// <summary>Download a certificate the rail signs with.</summary>
    public static AlipayMessage Certificate(string serial) => Build(CertificateMethod, write: json => json.WriteString("alipay_cert_sn", serial));

    /// <summary>The certificate in the answer to <see cref="Certificate"/>; null when there is none. Not verified.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="aesKey">The key of content encryption; null when it is off.</param>
    public static string? CertificateOf(ReadOnlySpan<byte> body, string? aesKey)
    {
        try
        {
            if (AlipayEnvelope.TryRead(AlipayWire.Utf8.GetString(body), CertificateMethod) is not { } envelope
                || AlipayReader.Open(envelope.Content, aesKey) is not { } content)
                return null;
            using var node = JsonDocument.Parse(content);
            return AlipayWire.Utf8.GetString(Convert.FromBase64String(node.RootElement.Text("alipay_cert_content")));
        }
        catch (Exception fault) when (fault is JsonException or FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>What is sold, as the rail takes it: the characters it forbids, and the comma of its statements, in full width; at most 256.</summary>
    internal static string Subject(string subject) =>
        Cut(subject.Replace('/', '／').Replace('=', '＝').Replace('&', '＆').Replace(',', '，'));

    /// <summary>A call with its content.</summary>
    internal static AlipayMessage Build(string method, Action<Utf8JsonWriter> write, bool notifies = false, bool returns = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new(method, Encoding.UTF8.GetString(buffer.WrittenSpan), notifies, returns);
    }

    private static AlipayMessage OfOrder(string method, string orderNumber) =>
        Build(method, write: json => json.WriteString("out_trade_no", orderNumber));

    private static void WriteAgreement(Utf8JsonWriter json, AgreementOrder agreement)
    {
        if (agreement.RailAgreementId is { Length: > 0 } number)
        {
            json.WriteString("agreement_no", number);
            return;
        }

        json.WriteString("external_agreement_no", agreement.Agreement.SigningCode);
        json.WriteString("sign_scene", agreement.Template);
        json.WriteString("personal_product_code", PersonalProduct);
    }

    private static string Cut(string text)
    {
        const int longest = 256;
        return text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
    }
}
