using System.Text.Json;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Gateways.AgreementAnswer;

namespace Renewals.Gateways.Alipay;

public static partial class AlipayVerdicts
{
    /// <summary>The answer to a question for an agreement (<c>alipay.user.agreement.query</c>).</summary>
    public static AgreementAnswer JudgeAgreementQuery(AlipayReply reply, AgreementOrder agreement) => reply switch
    {
        AlipayReply.Message { Code: "10000" } message => WhyForeign(message.Node, agreement) is { } fault
            ? new Unknown(fault)
            : OfState(message.Node),
        _ => OfAgreementFault(reply, agreement),
    };

    /// <summary>The answer to ending an agreement (<c>alipay.user.agreement.unsign</c>). Anything but success is confirmed by a query.</summary>
    public static AgreementAnswer JudgeUnsign(AlipayReply reply, AgreementOrder agreement) => reply is AlipayReply.Message { Code: "10000" }
        ? new Terminated(TerminationMode.Merchant, null)
        : OfAgreementFault(reply, agreement);

    /// <summary>The answer to moving the next charge date (<c>alipay.user.agreement.executionplan.modify</c>).</summary>
    public static RailNoticeAnswer JudgeMove(AlipayReply reply, string agreementNumber, LocalDate next) => reply switch
    {
        AlipayReply.Message { Code: "10000" } message =>
            message.Node.Text("agreement_no") == agreementNumber && AlipayWire.TryDate(message.Node.Text("deduct_time")) == next
                ? new RailNoticeAnswer.Accepted()
                : new RailNoticeAnswer.Unknown("the answer is for another agreement or date"),
        AlipayReply.Message { Code: "40004", SubCode: "ILLEGAL_EXECUTION_TIME" or "ILLEGAL_AGREEMENT" or "INVALID_PARAMETER" } message =>
            new RailNoticeAnswer.Refused(message.SubCode, message.Why),
        _ => OfGateway(reply) is var (code, why) ? new RailNoticeAnswer.Refused(code, why) : new RailNoticeAnswer.Unknown(WhyOf(reply)),
    };

    /// <summary>An agreement that was signed, as the rail calls it back (<c>dut_user_sign</c>).</summary>
    /// <returns>Null for a message that says nothing usable.</returns>
    public static AgreementAnswer? JudgeSigned(IReadOnlyDictionary<string, string> fields) => fields.Text("status") == "NORMAL"
        && OfActive(fields.Text) is Active active ? active : null;

    /// <summary>An agreement that was ended, as the rail calls it back (<c>dut_user_unsign</c>). It does not say by whom.</summary>
    /// <returns>Null for a message that says nothing usable.</returns>
    public static AgreementAnswer? JudgeUnsigned(IReadOnlyDictionary<string, string> fields) =>
        fields.Text("status") == "UNSIGN" && AlipayWire.TryTime(fields.Text("unsign_time")) is { } at
            ? new Terminated(TerminationMode.Unstated, at)
            : null;

    private static AgreementAnswer OfState(JsonElement node) => node.Text("status") switch
    {
        "NORMAL" => OfActive(name => node.Text(name)),
        "TEMP" => new Pending(),

        // It may come back, and charges are refused meanwhile: neither in force nor ended.
        "STOP" => new Suspended("STOP"),
        var status => new Unknown($"status {(status.Length == 0 ? "absent" : RailWords.Code(status))}"),
    };

    private static AgreementAnswer OfActive(Func<string, string> field) =>
        field("agreement_no") is { Length: > 0 } number && AlipayWire.TryTime(field("sign_time")) is { } at
            ? new Active(number, Payer(field), at, AlipayWire.TryTime(field("invalid_time")), AlipayWire.TryDate(field("next_deduct_time")))
            : new Unknown("an agreement without its number or time");

    // New apps get open ids only, older ones the 2088 number.
    private static string? Payer(Func<string, string> field) =>
        new[] { "alipay_open_id", "principal_open_id", "alipay_user_id", "principal_id" }.Select(field).FirstOrDefault(id => id.Length > 0);

    private static AgreementAnswer OfAgreementFault(AlipayReply reply, AgreementOrder agreement) => reply switch
    {
        AlipayReply.Message { Code: "40004", SubCode: "AGREEMENT_HAS_UNSIGNED" } => new Terminated(TerminationMode.Unstated, null),

        // The rail says the same of what ended and of what was never signed; only what was signed has a number.
        AlipayReply.Message { Code: "40004" } message when AlipayCodes.IsNoAgreement(message.SubCode) =>
            agreement.RailAgreementId is { Length: > 0 } ? new Terminated(TerminationMode.Unstated, null) : new NotFound(),
        AlipayReply.Message { Code: "40004" } message when IsSetUpFault(message.SubCode) => new Refused(message.SubCode, message.Why),
        _ => OfGateway(reply) is var (code, why) ? new Refused(code, why) : new Unknown(WhyOf(reply)),
    };

    private static bool IsSetUpFault(string subCode) => subCode is
        "MERCHANT_AGREEMENT_IS_NOT_EXIST" or "MERCHANT_STATUS_IS_NOT_NORMAL" or "PARENT_MERCHANT_QUERY_FAIL" or "AUTHOREE_IS_NOT_MATCH"
        or "PRODUCT_CODE_NOT_SUPPORTED_ERROR" or "INVALID_PARAMETER" or "ILLEGAL_PARAMS" or "LOGONID_IS_REPEATED";

    private static string? WhyForeign(JsonElement node, AgreementOrder agreement) =>
        !agreement.IsTakenOver && node.Text("external_agreement_no") is { Length: > 0 } ours && ours != agreement.Agreement.SigningCode
            ? "the answer is for another agreement of ours"
        : agreement.RailAgreementId is { Length: > 0 } number ? node.Text("agreement_no") == number ? null : "the answer is for another agreement"
        : node.Text("external_agreement_no").Length == 0 ? "the answer names no agreement of ours"
        : null;
}
