using System.Text;
using System.Text.Json;
using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Whether a request is the app's: names, form, signature, age, certificates, decryption. As strict as the rail, or stricter.</summary>
internal sealed class RequestChecks(AlipayState state, RailKeys keys)
{
    private static readonly string[] Required = ["app_id", "method", "charset", "sign_type", "timestamp", "version", "sign"];

    /// <summary>Reads the parameters of a request, from address and body together: libraries divide them in either way.</summary>
    /// <returns>Null when a part is no form, the charsets differ, or a name stands twice with two values.</returns>
    public static (IReadOnlyDictionary<string, string> Fields, Encoding Encoding)? Read(string query, byte[] body)
    {
        var parts = new List<(IReadOnlyDictionary<string, string> Fields, Encoding Encoding)>();
        foreach (var bytes in new[] { Encoding.ASCII.GetBytes(query.TrimStart('?')), body }.Where(bytes => bytes.Length > 0))
        {
            if (AlipayWire.TryReadForm(bytes) is not { } part)
                return null;
            parts.Add(part);
        }

        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in parts.SelectMany(part => part.Fields))
        {
            if (!all.TryAdd(name, value) && all[name] != value)
                return null;
        }

        return parts.Count > 0 && parts.TrueForAll(part => part.Encoding == parts[0].Encoding || !part.Fields.ContainsKey("charset"))
            ? (all, parts[0].Encoding)
            : null;
    }

    /// <summary>Checks a request and opens its content.</summary>
    /// <param name="fields">Its parameters.</param>
    /// <param name="encoding">Of its charset.</param>
    /// <param name="isPage">A page is opened later than it was made: how long, its own content says.</param>
    public (GatewayCall? Call, GatewayAnswer? Refusal) Check(IReadOnlyDictionary<string, string> fields, Encoding encoding, bool isPage)
    {
        var now = state.Now;
        if (WhyNot(fields, encoding, now, isPage) is { } refusal)
            return (null, refusal);
        var content = fields.GetValueOrDefault("biz_content", "");
        var isEncrypted = fields.GetValueOrDefault("encrypt_type", "").Length > 0;
        if (state.Options.EncryptsContent && !isEncrypted)
            return (null, Missing("isv.decryption-error-missing-encrypt-type"));
        if (isEncrypted && (!state.Options.EncryptsContent || fields["encrypt_type"] != AlipayCipher.EncryptType))
            return (null, Wrong("isv.invalid-encrypt-type"));
        if (isEncrypted)
        {
            if (AlipayCipher.TryDecrypt(state.Credentials.AesKey, content, encoding) is not { } plain)
                return (null, Wrong("isv.decryption-error-unknown"));
            content = plain;
        }

        return Parse(content) is { } parsed
            ? (new GatewayCall(fields, encoding, content, parsed, now), null)
            : (null, Wrong("isv.invalid-parameter", "biz_content is no JSON object, or a name stands twice in it"));
    }

    private GatewayAnswer? WhyNot(IReadOnlyDictionary<string, string> fields, Encoding encoding, Instant now, bool isPage)
    {
        if (Array.Find(Required, name => fields.GetValueOrDefault(name, "").Length == 0) is { } missing)
            return Missing(missing is "sign" or "sign_type" ? $"isv.missing-signature{(missing == "sign" ? "" : "-type")}" : $"isv.missing-{missing.Replace('_', '-')}");
        if (fields["app_id"] != state.Credentials.AppId)
            return Wrong("isv.invalid-app-id");
        if (fields["sign_type"] != AlipaySigner.SignType)
            return Wrong("isv.invalid-signature-type");
        if (fields["version"] != "1.0")
            return Wrong("isv.invalid-parameter", "version");
        if (fields.GetValueOrDefault("format", "JSON") != "JSON")
            return Wrong("isv.invalid-format");
        if (AlipayWire.Charset(fields["charset"]) != encoding)
            return Wrong("isv.invalid-charset");
        if (WhyNotCertified(fields) is { } refusal)
            return refusal;
        if (!keys.IsSignedByApp(AlipaySigner.StringToSign(fields), fields["sign"], encoding))
            return Wrong("isv.invalid-signature", "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配");
        if (AlipayWire.TryTime(fields["timestamp"]) is not { } at || fields["timestamp"].Length != 19)
            return Wrong("isv.invalid-timestamp");
        if (at > now + state.Options.TimestampTolerance || (!isPage && at < now - state.Options.TimestampTolerance))
            return Wrong("isv.invalid-timestamp", "the timestamp is not of now");

        // The one app of this sandbox acts for itself.
        return fields.GetValueOrDefault("app_auth_token", "").Length > 0
            ? GatewayAnswer.Refuse("20001", "aop.invalid-app-auth-token", "无效的应用授权令牌")
            : null;
    }

    private GatewayAnswer? WhyNotCertified(IReadOnlyDictionary<string, string> fields)
    {
        if (keys.Mode == AlipayKeyMode.Key)
            return null;
        foreach (var (name, serial) in new[] { ("app_cert_sn", keys.AppSerial), ("alipay_root_cert_sn", keys.RootSerial) })
        {
            var word = name.Replace('_', '-');
            if (fields.GetValueOrDefault(name, "").Length == 0)
                return Missing($"isv.missing-{word}");
            if (fields[name] != serial)
                return Wrong($"isv.invalid-{word}");
        }

        return null;
    }

    private static JsonElement? Parse(string content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static GatewayAnswer Missing(string subCode) => GatewayAnswer.Refuse("40001", subCode, "缺少必选参数");

    private static GatewayAnswer Wrong(string subCode, string text = "非法的参数") => GatewayAnswer.Refuse("40002", subCode, text);
}
