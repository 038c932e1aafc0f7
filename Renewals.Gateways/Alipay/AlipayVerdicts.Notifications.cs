using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Charging.ChargeOutcome;

namespace Renewals.Gateways.Alipay;

public static partial class AlipayVerdicts
{
    /// <summary>Whether a notification of an order is about money given back: only those have a sum, a time or a number of a refund.</summary>
    /// <param name="fields">A verified notification.</param>
    public static bool IsOfRefund(IReadOnlyDictionary<string, string> fields) =>
        IsSome(fields.Text("refund_fee")) || fields.Text("gmt_refund").Length > 0 || fields.Text("out_biz_no").Length > 0;

    /// <summary>An order as the rail calls it back (<c>trade_status_sync</c>), when it is not about a refund.</summary>
    /// <param name="fields">A verified notification of our app and seller.</param>
    public static ChargeAnswer JudgeNotification(IReadOnlyDictionary<string, string> fields) => fields.Text("trade_status") switch
    {
        "TRADE_SUCCESS" or "TRADE_FINISHED" => Paid(fields.Text("total_amount"), fields.Text("trade_no"), fields.Text("gmt_payment")),

        // Notifications come late and out of order: that an order can never be paid is taken from a query only.
        "TRADE_CLOSED" when fields.Text("gmt_payment").Length == 0 => new(new Declined(DeclineReason.OrderClosed, "TRADE_CLOSED"), Evidence.Hint),
        var status => Ask($"trade_status {(status.Length == 0 ? "absent" : status)}"),
    };

    /// <summary>A refund as the rail calls it back: a reason to ask.</summary>
    /// <remarks>Its <c>refund_fee</c> is the sum of all refunds of the order, not this one's.</remarks>
    /// <param name="fields">A verified notification of our app and seller.</param>
    public static RefundAnswer JudgeRefundNotification(IReadOnlyDictionary<string, string> fields) =>
        new RefundAnswer.Pending($"{fields.Text("trade_status")}, {fields.Text("refund_fee")} given back in all");
}
