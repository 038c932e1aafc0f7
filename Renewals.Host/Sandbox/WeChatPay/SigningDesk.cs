using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Opens signings by every way of pure signing (纯签约), and for pay-while-signing.</summary>
internal sealed class SigningDesk(WeChatPayState state)
{
    /// <summary>In an app: <c>/papay/preentrustweb</c>.</summary>
    public V2Answer PreEntrustWeb(V2Call call)
    {
        var (signing, refusal) = Open(call, "app", preEntrustId: StableId.Hex(64, "pre_entrustweb", call["contract_code"]));
        return refusal ?? V2Answer.Ok().With("pre_entrustweb_id", signing!.PreEntrustId!);
    }

    /// <summary>Inside the wallet's browser: <c>/papay/entrustweb</c>, a page.</summary>
    public V2Answer EntrustWeb(V2Call call)
    {
        var (signing, refusal) = Open(call, "official-account");
        return refusal is null ? Pages.ToSign(signing!) : Pages.Problem(refusal);
    }

    /// <summary>In a browser: <c>/papay/h5entrustweb</c>; its answer is not signed and names failures in <c>result_msg</c>.</summary>
    public V2Answer H5EntrustWeb(V2Call call, Uri baseAddress)
    {
        var (signing, refusal) = Open(call, "h5");
        return refusal is null
            ? V2Answer.Unsigned(
                ("return_code", "SUCCESS"), ("return_msg", "OK"), ("result_code", "SUCCESS"),
                ("redirect_url", new Uri(baseAddress, $"/wechat/pages/{signing!.Code}").AbsoluteUri))
            : V2Answer.Unsigned(
                ("return_code", "SUCCESS"), ("return_msg", "OK"), ("result_code", "FAIL"), ("result_msg", CodeOf(refusal)));
    }

    /// <summary>From the extraData a mini program was opened with.</summary>
    public (Signing? Signing, string? Refusal) MiniProgram(IReadOnlyDictionary<string, string> extraData)
    {
        if (RequestChecks.Check(extraData, FieldSets.MiniProgram, state.Credentials) is { } wrong)
            return (null, CodeOf(wrong));
        var call = new V2Call(extraData, RequestChecks.SignTypeOf(extraData, FieldSets.MiniProgram), state.Now);
        var (signing, refusal) = Open(call, "mini-program");
        return (signing, refusal is null ? null : CodeOf(refusal));
    }

    /// <summary>The pre-signing of pay-while-signing (支付中签约); a failure of it does not stop the order.</summary>
    public (Signing? Signing, V2Answer? Refusal) OpenForOrder(V2Call call, string prepayId) =>
        state.Options.PreSignFails(call["contract_code"])
            ? (null, V2Answer.Fail("SYSTEMERROR", "system error"))
            : Open(call, "cashier", prepayId: prepayId, notifyField: "contract_notify_url");

    /// <summary>The code an answer fails with.</summary>
    public static string CodeOf(V2Answer answer) =>
        answer.Fields.FirstOrDefault(field => field.Key is "err_code").Value
        ?? answer.Fields.First(field => field.Key is "return_msg").Value;

    private (Signing? Signing, V2Answer? Refusal) Open(
        V2Call call, string scene, string? preEntrustId = null, string? prepayId = null, string notifyField = "notify_url")
    {
        // A repeat may carry a new timestamp; for a repeated order, its own parameters were compared before.
        var fingerprint = scene + "\n" + call.Fingerprint("timestamp");
        if (state.Signings.GetValueOrDefault(call["contract_code"]) is { } earlier)
        {
            return earlier.Fingerprint == fingerprint && earlier.IsOpenAt(call.Now)
                ? (earlier, null)
                : (null, V2Answer.Fail("INVALID_REQUEST", "contract_code was used before"));
        }

        if (state.Template(call["plan_id"]) is not { } template)
            return (null, V2Answer.Fail("PARAM_ERROR", "plan_id is not a template of this merchant"));
        if (state.Active.ContainsKey((call["openid"], template.PlanId)))
            return (null, V2Answer.Fail("CONTRACT_EXISTED", "the user already holds a contract of this template"));
        var signing = new Signing
        {
            Code = call["contract_code"],
            Template = template,
            Scene = scene,
            RequestSerial = call["request_serial"],
            DisplayAccount = call["contract_display_account"],
            NotifyUrl = call.Url(notifyField),
            OpenedAt = call.Now,
            Fingerprint = fingerprint,
            OpenId = call["openid"] is { Length: > 0 } openId ? openId : null,
            PreEntrustId = preEntrustId,
            PrepayId = prepayId,
        };
        state.Signings.Add(signing.Code, signing);
        if ((preEntrustId ?? prepayId) is { } session)
            state.SigningsBySession.Add(session, signing);
        return (signing, null);
    }
}
