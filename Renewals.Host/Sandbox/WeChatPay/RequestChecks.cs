using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>What the rail checks of an API v2 message before it looks at its meaning: who, signature, then the parameter table.</summary>
internal static class RequestChecks
{
    /// <summary>The method a message must be signed with: named by itself where the call allows that, else the call's own.</summary>
    public static WeChatPaySignType SignTypeOf(IReadOnlyDictionary<string, string> fields, FieldSet table) =>
        fields.GetValueOrDefault("sign_type") switch
        {
            "HMAC-SHA256" => WeChatPaySignType.HmacSha256,
            "MD5" => WeChatPaySignType.Md5,
            _ => table.DefaultSignType,
        };

    /// <summary>The refusal, or null.</summary>
    public static V2Answer? Check(IReadOnlyDictionary<string, string> fields, FieldSet table, WeChatPaySandboxCredentials credentials)
    {
        // Without a known merchant there is no key to sign an answer with.
        if (fields.GetValueOrDefault("mch_id") != credentials.MchId)
            return V2Answer.NotUnderstood("MCHID_NOT_EXIST");

        // The rail answers a nonce_str where none belongs with a signature error, not with a parameter error.
        if (!table.HasNonce && fields.ContainsKey("nonce_str"))
            return V2Answer.NotUnderstood("签名错误 (SIGNERROR): this call has no nonce_str");
        if (!WeChatPaySigner.Verify(fields, credentials.ApiV2Key, SignTypeOf(fields, table)))
            return V2Answer.NotUnderstood("签名错误 (SIGNERROR)");
        if (fields.GetValueOrDefault("appid") != credentials.AppId)
            return V2Answer.Fail("APPID_MCHID_NOT_MATCH", "the app is not bound to the merchant number");
        return table.Fault(fields) is { } fault ? V2Answer.Fail(fault.Code, fault.Text) : null;
    }
}
