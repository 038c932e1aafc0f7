using System.Diagnostics;
using System.Text.Json;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Charging.ChargeOutcome;

namespace Renewals.Gateways.WeChatPay;

/// <summary>What the rail's answers mean: pure functions of an answer and the order it is about, without HTTP.</summary>
/// <remarks>
/// An answer that is not about our merchant number, app and order says nothing. A code or state that is not in the tables says nothing
/// either: it is asked about, never acted upon.
/// </remarks>
/// <param name="AppId">Our app.</param>
/// <param name="MchId">Our merchant number.</param>
public sealed partial record WeChatPayVerdicts(string AppId, string MchId)
{
    /// <summary>The answer to an application for a deduction (WeChat Pay papay, apply). SUCCESS means accepted, never paid.</summary>
    public ChargeAnswer JudgeApply(WeChatPayReply reply, ChargeOrder order) => reply is WeChatPayReply.NotSent notSent
        ? new(new NotSent(notSent.Why))
        : Judge(reply, order.Number.ToString(), fields => fields.Text("result_code") switch
        {
            "SUCCESS" => new(new Pending("ACCEPTED")),

            // The refusal of a repeat says nothing of the lost first try, which may have been accepted.
            "FAIL" when reply is WeChatPayReply.Message { Repeated: true } => Ask($"a repeat was refused: {fields.Code("err_code")}"),
            "FAIL" => OfApplyCode(fields.Text("err_code")),
            var code => Ask($"result_code {RailWords.Code(code)}"),
        });

    /// <summary>The answer to a question for an order (WeChat Pay papay, order query; for orders paid while signing, the ordinary query).</summary>
    public ChargeAnswer JudgeOrderQuery(WeChatPayReply reply, ChargeOrder order) => Judge(reply, order.Number.ToString(), fields =>
        (fields.Text("result_code"), WeChatPayCodes.ClassOf(fields.Text("err_code"))) switch
        {
            ("SUCCESS", _) when fields.Text("out_trade_no") != order.Number.ToString() => Ask("the answer names no order"),
            ("SUCCESS", _) when ForeignContract(fields, order) is { } fault => Ask(fault),
            ("SUCCESS", _) => OfTradeState(fields, order.PaidWhileSigning),
            ("FAIL", WeChatPayCodeClass.NoSuchOrder) => new(new Missing()),

            // A refusal here is of the question. It says nothing of the order.
            ("FAIL", _) => Ask($"the query was refused: {fields.Code("err_code")}"),
            var (code, _) => Ask($"result_code {RailWords.Code(code)}"),
        });

    /// <summary>The answer to closing an order that was to be paid while signing (WeChat Pay, close order).</summary>
    /// <returns><see cref="Declined"/> once it is closed; else only a reason to ask.</returns>
    public ChargeAnswer JudgeClose(WeChatPayReply reply, string orderNumber) => Judge(reply, orderNumber, fields =>
        (fields.Text("result_code"), fields.Text("err_code")) switch
        {
            ("SUCCESS", _) => new(new Declined(DeclineReason.OrderClosed, "CLOSED")),
            ("FAIL", "ORDERCLOSED" or "ORDER_CLOSED") => new(new Declined(DeclineReason.OrderClosed, "ORDERCLOSED")),
            var (_, code) => Ask($"the order was not closed: {RailWords.Code(code)}"),
        });

    /// <summary>The result of a deduction as the rail calls it back (扣款结果通知), in the three shapes failures have.</summary>
    /// <param name="fields">A verified message of our merchant number.</param>
    public static ChargeAnswer JudgeDeduction(IReadOnlyDictionary<string, string> fields) =>
        (fields.Text("result_code"), fields.Text("trade_state")) switch
        {
            ("SUCCESS", "SUCCESS") => Paid(fields),
            ("FAIL" or "SUCCESS", "PAY_FAIL") => Failed(fields),
            var (code, state) => Ask($"result_code {RailWords.Code(code)}, trade_state {(state.Length == 0 ? "absent" : RailWords.Code(state))}, {fields.Code("err_code")}"),
        };

    /// <summary>The result of an ordinary payment as the rail calls it back (支付结果通知): the payment made while signing.</summary>
    /// <inheritdoc cref="JudgeDeduction"/>
    public static ChargeAnswer JudgePayment(IReadOnlyDictionary<string, string> fields) => fields.Text("result_code") == "SUCCESS"
        ? Paid(fields)

        // The member may pay the same order again, so a failed try is not the end of it.
        : Ask($"the payment failed: {fields.Code("err_code")}");

    /// <summary>The result of a payment in an API v3 callback (<c>TRANSACTION.*</c>).</summary>
    /// <param name="resource">The decrypted resource, of our merchant number.</param>
    public static ChargeAnswer JudgeTransaction(JsonElement resource) => resource.Text("trade_state") switch
    {
        "SUCCESS" => resource.Child("amount").Fen("total") is { } amount && resource.Text("transaction_id") is { Length: > 0 } transaction
            && WeChatPayWire.Time(resource.Text("success_time")) is { } at
                ? new(new Succeeded(amount, transaction, at))
                : Ask("a payment without amount, number or time"),

        // The rail does not print the fields of a failed payment: the query decides.
        "PAY_FAIL" => new(new Declined(WeChatPayCodes.ReasonOf("", resource.Text("trade_state_desc")), "PAY_FAIL"), Evidence.Hint),
        var state => Ask($"trade_state {RailWords.Code(state)}"),
    };

    /// <summary>Why an answer is for another app, merchant or order; null when it is for ours.</summary>
    internal string? WhyForeign(IReadOnlyDictionary<string, string> fields, string? orderNumber) =>
        Foreign(fields, "out_trade_no", orderNumber ?? fields.Text("out_trade_no"));

    private static ChargeAnswer OfApplyCode(string code) => WeChatPayCodes.ClassOf(code) switch
    {
        WeChatPayCodeClass.OurFault => new(new Refused(code, WeChatPayCodes.Refused)),
        WeChatPayCodeClass.Member => new(new Declined(WeChatPayCodes.ReasonOf(code) ?? DeclineReason.Other, code), Evidence.Hint),

        // "No such order" came as the answer of an application when a member had no funds: it proves nothing here.
        WeChatPayCodeClass.Busy or WeChatPayCodeClass.OrderStands or WeChatPayCodeClass.NoSuchOrder or WeChatPayCodeClass.Unknown =>
            Ask(RailWords.Code(code)),
        _ => throw new UnreachableException(),
    };

    private static ChargeAnswer OfTradeState(IReadOnlyDictionary<string, string> fields, bool ordinary) =>
        (ordinary, fields.Text("trade_state")) switch
        {
            (_, "SUCCESS" or "REFUND") => Paid(fields),
            (false, "PAY_FAIL") => Failed(fields),
            (_, "CLOSED") or (true, "REVOKED") => new(new Declined(DeclineReason.OrderClosed, fields.Text("trade_state"))),
            (_, "ACCEPT" or "NOTPAY" or "USERPAYING") => new(new Pending(fields.Text("trade_state"))),

            // The member may try again until the order is closed.
            (true, "PAYERROR") => new(new Pending("PAYERROR")),
            var (_, state) => Ask($"trade_state {RailWords.Code(state)}"),
        };

    private static ChargeAnswer Paid(IReadOnlyDictionary<string, string> fields) =>
        WeChatPayWire.Fen(fields.Text("total_fee"), fields.Text("fee_type")) is { } amount
        && fields.Text("transaction_id") is { Length: > 0 } transaction
        && WeChatPayWire.Time(fields.Text("time_end")) is { } at
            ? new(new Succeeded(amount, transaction, at))
            : Ask("a payment without amount, number or time");

    private static ChargeAnswer Failed(IReadOnlyDictionary<string, string> fields)
    {
        var code = fields.Text("err_code");
        var text = fields.Text("trade_state_desc") is { Length: > 0 } state ? state : fields.Text("err_code_des");
        return new(new Declined(WeChatPayCodes.ReasonOf(code, text), code is "" or "0" ? "PAY_FAIL" : code));
    }

    private static ChargeAnswer Ask(string why) => new(new Unknown(why), Evidence.Hint);

    private static string? ForeignContract(IReadOnlyDictionary<string, string> fields, ChargeOrder order) =>
        !order.PaidWhileSigning && fields.Text("contract_id") is { Length: > 0 } contract && contract != order.Agreement.RailAgreementId
            ? "the answer names another contract"
            : null;

    private ChargeAnswer Judge(WeChatPayReply reply, string orderNumber, Func<IReadOnlyDictionary<string, string>, ChargeAnswer> judge) => reply switch
    {
        // A question that was not sent says nothing of the order, which may well have been.
        WeChatPayReply.NotSent notSent => Ask($"not asked: {notSent.Why}"),
        WeChatPayReply.Unclear unclear => Ask(unclear.Why),
        WeChatPayReply.Message message => Foreign(message.Fields, "out_trade_no", orderNumber) is { } fault ? Ask(fault) : judge(message.Fields),
        WeChatPayReply.Json => throw new ArgumentException("An order is asked for by API v2.", nameof(reply)),
        _ => throw new UnreachableException(),
    };

    /// <summary>Why an answer is not about us, or not about what was asked; null when it is.</summary>
    /// <param name="fields">A verified message.</param>
    /// <param name="name">The field that names the thing; it may be absent, but not another's.</param>
    /// <param name="value">What it must be.</param>
    private string? Foreign(IReadOnlyDictionary<string, string> fields, string name, string value) =>
        fields.Text("appid") != AppId ? "the answer is for another app"
        : fields.Text("mch_id") != MchId ? "the answer is for another merchant"
        : fields.Text(name) is { Length: > 0 } named && named != value ? $"the answer is for another {name}"
        : null;
}
