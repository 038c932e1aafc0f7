using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Renewals.Core.Charging;
using Renewals.Core.Gateways;
using static Renewals.Core.Gateways.AgreementAnswer;

namespace Renewals.Gateways.WeChatPay;

public sealed partial record WeChatPayVerdicts
{
    /// <summary>The answer to a question for a contract (WeChat Pay papay, query contract).</summary>
    public AgreementAnswer JudgeContractQuery(WeChatPayReply reply, AgreementOrder agreement) => Judge(reply, agreement, fields =>
        fields.Text("result_code") switch
        {
            "SUCCESS" => OfContractState(fields, agreement),
            "FAIL" => OfContractCode(fields.Text("err_code"), fields.Text("err_code_des")),
            var code => new Unknown($"result_code {RailWords.Code(code)}"),
        });

    /// <summary>The answer to ending a contract (WeChat Pay papay, terminate). Anything but success is confirmed by a query.</summary>
    public AgreementAnswer JudgeTermination(WeChatPayReply reply, AgreementOrder agreement) => Judge(reply, agreement, fields =>
        fields.Text("result_code") switch
        {
            "SUCCESS" => new Terminated(TerminationMode.Merchant, null),
            "FAIL" => OfContractCode(fields.Text("err_code"), fields.Text("err_code_des")),
            var code => new Unknown($"result_code {RailWords.Code(code)}"),
        });

    /// <summary>The result of signing or ending as the rail calls it back (签约、解约结果通知). This message has no <c>appid</c>.</summary>
    /// <param name="fields">A verified message of our merchant number.</param>
    /// <returns>Null for a message that says nothing usable.</returns>
    public static AgreementAnswer? JudgeContractChange(IReadOnlyDictionary<string, string> fields) =>
        (fields.Text("result_code"), fields.Text("change_type"), WeChatPayWire.Time(fields.Text("operate_time"))) switch
        {
            ("SUCCESS", "ADD", { } at) when fields.Text("contract_id").Length > 0 => new Active(
                fields.Text("contract_id"), Optional(fields.Text("openid")), at, WeChatPayWire.Time(fields.Text("contract_expired_time"))),
            ("SUCCESS", "DELETE", { } at) => new Terminated(Mode(fields.Text("contract_termination_mode")), at),
            _ => null,
        };

    /// <summary>A contract in an API v3 callback (<c>ENTRUST.*</c>).</summary>
    /// <param name="resource">The decrypted resource, of our merchant number.</param>
    /// <returns>Null for a message that says nothing usable.</returns>
    public static AgreementAnswer? JudgeContractResource(JsonElement resource) => resource.Text("contract_state") switch
    {
        "SIGNED" when resource.Text("contract_id").Length > 0 && WeChatPayWire.Time(resource.Text("contract_signed_time")) is { } at => new Active(
            resource.Text("contract_id"), Optional(resource.Text("openid")), at, WeChatPayWire.Time(resource.Text("contract_expired_time"))),
        "TERMINATED" => new Terminated(
            resource.Child("contract_terminate_info").Text("contract_termination_mode") switch
            {
                "USER_TERMINATE" => TerminationMode.Member,
                "MCH_API_TERMINATE" => TerminationMode.Merchant,
                "WEPAY_WEB_TERMINATE" or "CUSTOMER_SERVICE_TERMINATE" => TerminationMode.Platform,
                _ => TerminationMode.Unstated,
            },
            WeChatPayWire.Time(resource.Child("contract_terminate_info").Text("contract_terminated_time"))),
        _ => null,
    };

    /// <summary>The answer to the rail's notice before a charge (预扣费通知): 204 and nothing else is success.</summary>
    public static RailNoticeAnswer JudgeNotice(WeChatPayReply reply) => reply switch
    {
        WeChatPayReply.Json { Status: 204 } => new RailNoticeAnswer.Accepted(),
        WeChatPayReply.Json { Status: 400 or 401 or 403 or 404 } json when V3Fault(json) is { } code
            && WeChatPayCodes.ClassOf(code) is not WeChatPayCodeClass.Busy => new RailNoticeAnswer.Refused(code, WeChatPayCodes.Refused),
        WeChatPayReply.Json json => new RailNoticeAnswer.Unknown($"HTTP {json.Status} {RailWords.Code(V3Fault(json) ?? "")}"),
        WeChatPayReply.Unclear unclear => new RailNoticeAnswer.Unknown(unclear.Why),
        WeChatPayReply.NotSent notSent => new RailNoticeAnswer.Unknown(notSent.Why),
        WeChatPayReply.Message => throw new ArgumentException("A notice is sent by API v3.", nameof(reply)),
        _ => throw new UnreachableException(),
    };

    private static AgreementAnswer OfContractState(IReadOnlyDictionary<string, string> fields, AgreementOrder agreement) =>
        fields.Text("contract_state") switch
        {
            _ when !IsAbout(agreement, fields) => new Unknown("the answer names no contract of ours"),
            "0" => fields.Text("contract_id") is { Length: > 0 } id && WeChatPayWire.Time(fields.Text("contract_signed_time")) is { } at
                ? new Active(id, Optional(fields.Text("openid")), at, WeChatPayWire.Time(fields.Text("contract_expired_time")))
                : new Unknown("an active contract without its id or time"),

            // The rail says 1 of what ended and of what was never signed; only what was signed has an id.
            "1" => (fields.Text("contract_id") is { Length: > 0 } || agreement.RailAgreementId is not null)
                ? new Terminated(Mode(fields.Text("contract_termination_mode")), WeChatPayWire.Time(fields.Text("contract_terminated_time")))
                : new NotFound(),
            "9" => new Pending(),
            var state => new Unknown($"contract_state {RailWords.Code(state)}"),
        };

    // One that another system had signed has that system's code; the rail's own id names it.
    private static bool IsAbout(AgreementOrder agreement, IReadOnlyDictionary<string, string> fields) => agreement.IsTakenOver
        ? fields.Text("contract_id") == agreement.RailAgreementId
        : fields.Text("contract_code") == agreement.Agreement.SigningCode;

    private static AgreementAnswer OfContractCode(string code, string text) => WeChatPayCodes.ClassOf(code) switch
    {
        _ when WeChatPayCodes.IsNoSuchContract(code, text) => new NotFound(),
        WeChatPayCodeClass.OurFault => new Refused(code, WeChatPayCodes.Refused),
        WeChatPayCodeClass.Busy or WeChatPayCodeClass.OrderStands or WeChatPayCodeClass.NoSuchOrder or WeChatPayCodeClass.Member
            or WeChatPayCodeClass.Unknown => new Unknown(RailWords.Code(code)),
        _ => throw new UnreachableException(),
    };

    private static TerminationMode Mode(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mode) && mode is >= 1 and <= 5
            ? (TerminationMode)mode
            : TerminationMode.Unstated;

    private static string? Optional(string text) => text.Length == 0 ? null : text;

    /// <summary>The code of an API v3 error; null when the body is not one. Its text is not looked at.</summary>
    internal static string? V3Fault(WeChatPayReply.Json reply)
    {
        try
        {
            var reader = new Utf8JsonReader(reply.Body.Span);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.Text("code") is { Length: > 0 } code ? code : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private AgreementAnswer Judge(WeChatPayReply reply, AgreementOrder agreement, Func<IReadOnlyDictionary<string, string>, AgreementAnswer> judge) =>
        reply switch
        {
            WeChatPayReply.NotSent notSent => new Unknown(notSent.Why),
            WeChatPayReply.Unclear unclear => new Unknown(unclear.Why),
            WeChatPayReply.Message message =>
                ((agreement.IsTakenOver ? null : Foreign(message.Fields, "contract_code", agreement.Agreement.SigningCode))
                    ?? (agreement.RailAgreementId is { } id ? Foreign(message.Fields, "contract_id", id) : null)) is { } fault
                    ? new Unknown(fault)
                    : judge(message.Fields),
            WeChatPayReply.Json => throw new ArgumentException("A contract is asked for by API v2.", nameof(reply)),
            _ => throw new UnreachableException(),
        };
}
