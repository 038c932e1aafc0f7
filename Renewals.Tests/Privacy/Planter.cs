using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using Renewals.Gateways.Alipay;
using Renewals.Gateways.Stripe;
using Renewals.Gateways.UnionPay;
using Renewals.Gateways.WeChatPay;
using Renewals.Host.Sandbox;
using Renewals.Host.Sandbox.Alipay;
using Renewals.Host.Sandbox.Stripe;
using Renewals.Host.Sandbox.UnionPay;
using Renewals.Host.Sandbox.WeChatPay;
using Fields = System.Collections.Generic.Dictionary<string, string>;
using Headers = System.Collections.Generic.Dictionary<string, string>;

namespace Renewals.Tests.Privacy;

/// <summary>Writes planted values into a rail's own messages and signs them as the rail does: genuine, and full of what must not be kept.</summary>
internal abstract class Planter(string rail, Planted planted)
{
    /// <summary>The first statement that holds the order has a cell that cannot be read; the later ones name another's order in its place.</summary>
    private bool spoilt;

    public string Rail => rail;

    /// <summary>The order that stands in a statement.</summary>
    public string Order { get; init; } = "";

    public static Planter Of(ISandboxRail rail, Planted planted, string order) => rail switch
    {
        WeChatPaySandbox x => new WeChatPlanter(x.Credentials, planted) { Order = order },
        AlipaySandbox x => new AlipayPlanter(x.Credentials, planted) { Order = order },
        UnionPaySandbox x => new UnionPayPlanter(x.Credentials, planted) { Order = order },
        StripeSandbox x => new StripePlanter(x.Credentials, planted) { Order = order },
        _ => throw new InvalidOperationException("No such rail."),
    };

    /// <summary>An answer on its way to the adapter.</summary>
    /// <param name="request">What was asked, as text.</param>
    /// <param name="path">Method and path it was sent to.</param>
    /// <param name="body">The answer.</param>
    public abstract byte[] Answer(string request, string path, byte[] body);

    /// <summary>A callback on its way to the service.</summary>
    public abstract byte[] Callback(Headers headers, byte[] body);

    /// <summary>Messages that are forged, broken, or genuine with values where codes belong.</summary>
    public abstract IEnumerable<(Headers Headers, byte[] Body)> Forged(Instant now);

    protected void Enter(string entrance, string text) => planted.Enter(rail, entrance, text);

    /// <summary>The text of a statement, spoilt or planted where it holds the order.</summary>
    protected string Statement(string text, string amount, string unreadable, Func<string, string> more)
    {
        if (!text.Contains(Order, StringComparison.Ordinal))
            return text;
        var written = spoilt ? more(text.Replace(Order, Foreign(Order))) : text.Replace(amount, unreadable);
        Enter(spoilt ? "foreign order" : "spoilt statement", written);
        spoilt = true;
        return written;
    }

    private static string Foreign(string order) => "FOREIGN" + order[7..];

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    protected static Headers Typed(string type) => new() { ["Content-Type"] = type };

    protected static byte[] Rezipped(byte[] zip, Encoding encoding, Encoding? names, Func<string, string> edit)
    {
        using var result = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(zip), ZipArchiveMode.Read, false, names))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true, names))
        {
            foreach (var entry in from.Entries)
            {
                using var buffer = new MemoryStream();
                using (var source = entry.Open())
                    source.CopyTo(buffer);
                using var target = to.CreateEntry(entry.FullName).Open();
                target.Write(encoding.GetBytes(edit(encoding.GetString(buffer.ToArray()))));
            }
        }

        return result.ToArray();
    }
}

internal sealed class WeChatPlanter(WeChatPaySandboxCredentials keys, Planted planted) : Planter("wechat", planted)
{
    public override byte[] Answer(string request, string path, byte[] body)
    {
        if (path.EndsWith("downloadbill", StringComparison.Ordinal) && body.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return Zipped(Statement(Unzipped(body), "`9.90", $"`{Planted.Login} {Planted.Card}", text => text.Replace("会员连续包月", Planted.Sentence)));
        if (!WeChatPayXml.TryRead(body, out var read, out _))
            return body;
        var fields = new Fields(read);
        if (fields.ContainsKey("sign"))
            (fields["err_code_des"], fields["openid"]) = ($"{fields.GetValueOrDefault("err_code_des")} {Planted.Sentence}", fields.GetValueOrDefault("openid", Planted.OpenId));
        else
            fields["return_msg"] = $"{fields.GetValueOrDefault("return_msg")} {Planted.Sentence}";
        var failed = fields.GetValueOrDefault("result_code") == "FAIL" || fields.GetValueOrDefault("return_code") == "FAIL";
        var written = Write(fields);
        Enter(failed ? "error" : path.Contains("query", StringComparison.Ordinal) ? "query" : "answer", Encoding.UTF8.GetString(written));
        return written;
    }

    public override byte[] Callback(Headers headers, byte[] body)
    {
        if (!WeChatPayXml.TryRead(body, out var read, out _) || !read.ContainsKey("sign"))
            return body;
        var fields = new Fields(read) { ["attach"] = Planted.Sentence, ["bank_type"] = Planted.Card };
        var written = Write(fields);
        Enter("callback", Encoding.UTF8.GetString(written));
        return written;
    }

    public override IEnumerable<(Headers, byte[])> Forged(Instant now)
    {
        var genuine = new Fields { ["return_code"] = "SUCCESS", ["appid"] = keys.AppId, ["mch_id"] = keys.MchId, ["openid"] = Planted.OpenId };
        foreach (var field in new[] { "change_type", "result_code", "trade_state", "err_code", "out_trade_no", "contract_code" })
            yield return (Typed("text/xml"), Write(new Fields(genuine) { ["change_type"] = "ADD", ["sign"] = "", [field] = Planted.Sentence }));
        yield return (Typed("text/xml"), Write(new Fields(genuine) { ["result_code"] = Planted.LatinName, ["out_trade_no"] = Order, ["sign"] = "" }));
        yield return (Typed("text/xml"), Utf8($"<xml><return_code>{Planted.LatinName}</return_code></xml>"));
        yield return (Typed("text/xml"), Utf8($"<xml><{Planted.Name} {Planted.Name}='{Planted.Card}'>{Planted.Sentence}</xml>"));
        yield return (Typed("text/xml"), Utf8($"<xml><a>{Planted.Sentence}</a><a>{Planted.Sentence}</a></xml>"));
        yield return (Typed("application/json"), Utf8($"{{\"{Planted.Login}\":{Planted.LatinName}"));
    }

    private byte[] Write(Fields fields) => Utf8(WeChatPayXml.Write(fields.TryGetValue("sign", out var sign)
        ? WeChatPaySigner.Signed(fields, keys.ApiV2Key, sign.Length == 64 ? WeChatPaySignType.HmacSha256 : WeChatPaySignType.Md5)
        : fields));

    private static string Unzipped(byte[] body)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(body), CompressionMode.Decompress), Encoding.UTF8, false);
        return reader.ReadToEnd();
    }

    private static byte[] Zipped(string text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionMode.Compress))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}

internal sealed class AlipayPlanter(AlipaySandboxCredentials keys, Planted planted) : Planter("alipay", planted)
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly AlipayKey key = AlipayKey.TryPrivate(keys.PlatformPrivateKey)!;

    public override byte[] Answer(string request, string path, byte[] body)
    {
        if (body.AsSpan().StartsWith("PK"u8))
            return Rezipped(body, AlipayWire.Gbk, AlipayWire.Gbk, text => Statement(text, ",9.90,", $",{Planted.Login} {Planted.Card},", more => more.Replace("会员连续包月", Planted.Sentence)));
        if (AlipayWire.TryReadForm(Utf8(request)) is not var (asked, _) || asked.GetValueOrDefault("method") is not { } method
            || AlipayEnvelope.TryRead(Encoding.UTF8.GetString(body), method) is not { } envelope || JsonNode.Parse(envelope.Content) is not JsonObject node)
            return body;
        (node["sub_msg"], node["msg"]) = (Planted.Sentence, $"{node["msg"]} {Planted.Sentence}");
        (node["buyer_logon_id"], node["alipay_logon_id"], node["buyer_user_name"]) = (Planted.Login, Planted.Login, Planted.Name);
        var content = node.ToJsonString(Unescaped);
        var failed = (string?)node["code"] is not ("10000" or "10003");
        Enter(failed ? "error" : method.Contains("query", StringComparison.Ordinal) ? "query" : "answer", content);
        return Utf8(new AlipayEnvelope(content, envelope.Sign.Length > 0 ? key.Sign(content, AlipayWire.Utf8) : "", envelope.CertificateSerial).ToBody(method));
    }

    public override byte[] Callback(Headers headers, byte[] body)
    {
        if (AlipayWire.TryReadForm(body) is not var (fields, encoding))
            return body;
        var all = new Fields(fields) { ["buyer_logon_id"] = Planted.Login, ["body"] = Planted.Sentence, ["alipay_logon_id"] = Planted.Login };
        Enter("callback", string.Join('&', all.Values));
        return Write(all, encoding);
    }

    public override IEnumerable<(Headers, byte[])> Forged(Instant now)
    {
        var genuine = new Fields
        {
            ["app_id"] = keys.AppId, ["seller_id"] = keys.SellerId, ["sign_type"] = "RSA2", ["notify_time"] = AlipayWire.Time(now), ["charset"] = "utf-8",
            ["notify_type"] = "trade_status_sync", ["out_trade_no"] = Order, ["buyer_logon_id"] = Planted.Login,
        };
        foreach (var field in new[] { "notify_type", "trade_status", "out_trade_no", "status", "app_id", "charset" })
            yield return (Typed("application/x-www-form-urlencoded"), Write(new Fields(genuine) { [field] = Planted.Sentence }, AlipayWire.Utf8));
        yield return (Typed("application/x-www-form-urlencoded"), Write(new Fields(genuine) { ["notify_type"] = Planted.LatinName }, AlipayWire.Utf8));
        yield return (Typed("application/x-www-form-urlencoded"), Utf8($"{Planted.Sentence}=%zz&{Planted.Sentence}"));
        yield return (Typed("application/x-www-form-urlencoded"), Utf8($"sign_type=RSA2&sign={Planted.LatinName}&buyer_logon_id={Planted.Login}"));
    }

    private byte[] Write(Fields fields, Encoding encoding)
    {
        fields.Remove("sign");
        fields["sign"] = key.Sign(AlipaySigner.Join(fields.Where(field => field.Key is not ("sign" or "sign_type"))), encoding);
        return Encoding.ASCII.GetBytes(AlipayWire.Form(fields, encoding));
    }
}

internal sealed class UnionPayPlanter(UnionPaySandboxCredentials keys, Planted planted) : Planter("unionpay", planted)
{
    private const string Customer = $"{{customerNm={Planted.Name}&certifId={Planted.IdNumber}&phoneNo={Planted.Phone}}}";

    // The widths of the file count bytes: one writing for a byte, both ways.
    private static readonly Encoding Bytes = Encoding.Latin1;

    public override byte[] Answer(string request, string path, byte[] body)
    {
        if (!UnionPayWire.TryReadAnswer(body, Encoding.UTF8, out var read, out _) || !read.ContainsKey("signature"))
            return body;
        var fields = new Fields(read) { ["accNo"] = Planted.Card, ["customerInfo"] = Customer };
        foreach (var text in new[] { "respMsg", "origRespMsg" })
            fields[text] = $"{fields.GetValueOrDefault(text)} {Planted.Sentence}";
        if (fields.TryGetValue("fileContent", out var file))
            fields["fileContent"] = UnionPayStatementContent.Pack(Rezipped(UnionPayStatementContent.Unpack(file, 1 << 24).ToArray(), Bytes, null, Edited));
        var failed = fields.GetValueOrDefault("respCode") != "00" || fields.GetValueOrDefault("origRespCode", "00") != "00";
        Enter(failed ? "error" : fields.GetValueOrDefault("txnType") == "00" || request.Contains("txnType=00", StringComparison.Ordinal) ? "query" : "answer", string.Join('&', fields.Values));
        return UnionPayWire.WriteAnswer(Signed(fields), Encoding.UTF8);
    }

    public override byte[] Callback(Headers headers, byte[] body)
    {
        if (!UnionPayWire.TryReadForm(body, Encoding.UTF8, out var read, out _))
            return body;
        var fields = new Fields(read) { ["accNo"] = Planted.Card, ["customerInfo"] = Customer, ["respMsg"] = Planted.Sentence, ["reqReserved"] = Planted.Sentence };
        Enter("callback", string.Join('&', fields.Values));
        return UnionPayWire.WriteForm(Signed(fields), Encoding.UTF8);
    }

    public override IEnumerable<(Headers, byte[])> Forged(Instant now)
    {
        var genuine = new Fields
        {
            ["version"] = "5.1.0", ["encoding"] = "UTF-8", ["signMethod"] = "01", ["merId"] = keys.MerId, ["txnType"] = "11", ["respCode"] = "00", ["orderId"] = Order,
            ["txnTime"] = UnionPayText.Time(now), ["txnAmt"] = "1", ["currencyCode"] = "156", ["accNo"] = Planted.Card, ["customerInfo"] = Customer,
        };
        foreach (var field in new[] { "txnType", "respCode", "orderId", "txnTime", "currencyCode", "merId", "signMethod", "version" })
            yield return (Typed("application/x-www-form-urlencoded"), UnionPayWire.WriteForm(Signed(new Fields(genuine) { [field] = Planted.Sentence }), Encoding.UTF8));
        foreach (var field in new[] { "txnType", "respCode" })
            yield return (Typed("application/x-www-form-urlencoded"), UnionPayWire.WriteForm(Signed(new Fields(genuine) { [field] = Planted.LatinName }), Encoding.UTF8));
        yield return (Typed("application/x-www-form-urlencoded"), Utf8($"accNo={Planted.Card}&{Planted.Login}&respMsg={Planted.LatinName}"));
        yield return (Typed("application/x-www-form-urlencoded"), UnionPayWire.WriteForm(new Fields(genuine) { ["signPubKeyCert"] = Planted.Sentence, ["signature"] = Planted.Sentence }, Encoding.UTF8));
    }

    // A row's card is masked by the rail; here it is not.
    private string Edited(string text) => Statement(text, "000000000990", Planted.Phone + "X", more => System.Text.RegularExpressions.Regex.Replace(more, @"\d{6}\*{9}\d{4}", Planted.Card));

    private Fields Signed(Fields fields)
    {
        using var key = RSA.Create();
        key.ImportFromPem(keys.PlatformPrivateKeyPem);
        var all = new Fields(fields) { ["signPubKeyCert"] = keys.PlatformCertificatePem.Trim().ReplaceLineEndings("\r\n") };
        all["signature"] = GatewaySignature.Sign(key, "5.1.0", GatewaySignature.TextOf(all), Encoding.UTF8);
        return all;
    }
}

internal sealed class StripePlanter(StripeSandboxCredentials keys, Planted planted) : Planter("stripe", planted)
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override byte[] Answer(string request, string path, byte[] body)
    {
        if (JsonNode.Parse(body) is not JsonObject answer)
            return body;
        Plant(answer);
        var text = answer.ToJsonString(Unescaped);
        if (path.Contains("balance_transactions", StringComparison.Ordinal))
            return Utf8(Statement(text, "\"amount\":990", $"\"amount\":\"{Planted.Login} {Planted.Card}\"", more => more));
        Enter(answer.ContainsKey("error") ? "error" : path.StartsWith("GET", StringComparison.Ordinal) ? "query" : "answer", text);
        return Utf8(text);
    }

    public override byte[] Callback(Headers headers, byte[] body)
    {
        if (JsonNode.Parse(body) is not JsonObject news)
            return body;
        Plant(news);
        var written = Utf8(news.ToJsonString(Unescaped));
        var name = headers.Keys.Single(key => key.Equals(StripeSignature.Header, StringComparison.OrdinalIgnoreCase));
        var at = Instant.FromUnixTimeSeconds(long.Parse(headers[name].Split(',')[0][2..]));
        headers[name] = StripeSignature.Sign(keys.WebhookSecret, at, written);
        Enter("callback", Encoding.UTF8.GetString(written));
        return written;
    }

    public override IEnumerable<(Headers, byte[])> Forged(Instant now)
    {
        (Headers, byte[]) Signed(string json) =>
            (new Headers { ["Content-Type"] = "application/json", [StripeSignature.Header] = StripeSignature.Sign(keys.WebhookSecret, now, Utf8(json)) }, Utf8(json));
        string Event(string type, string about) =>
            $$"""{"id":"evt_1","object":"event","api_version":"2025-03-31.basil","created":{{now.ToUnixTimeSeconds()}},"livemode":false,"type":"{{type}}","data":{"object":{{about}} } }""";
        var intent = $$$"""{"id":"pi_1","object":"payment_intent","status":"{{{Planted.Sentence}}}","amount":1,"currency":"cny","livemode":false,"metadata":{"order":"{{{Order}}}"},"receipt_email":"{{{Planted.Login}}}"}""";
        yield return Signed(Event("payment_intent.succeeded", intent));
        yield return Signed(Event(Planted.Sentence, "{}"));
        yield return Signed(Event("payment_intent.succeeded", $"\"{Planted.Sentence}\""));
        yield return Signed($"{{\"object\":\"{Planted.Sentence}\"}}");
        yield return Signed($"{{\"{Planted.Login}\":{Planted.LatinName}");
        yield return (new Headers { ["Content-Type"] = "application/json", [StripeSignature.Header] = Planted.LatinName + Planted.Card }, Utf8(Event("x", intent)));
    }

    private static void Plant(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
                Plant(item);
            return;
        }

        if (node is not JsonObject whole)
            return;
        foreach (var (_, child) in whole.ToList())
            Plant(child);
        if (whole["object"]?.GetValueKind() == JsonValueKind.String && (string?)whole["object"] is not ("list" or "event"))
        {
            (whole["receipt_email"], whole["name"], whole["phone"]) = (Planted.Login, Planted.Name, Planted.Phone);
            whole["billing_details"] = new JsonObject { ["email"] = Planted.Login, ["name"] = Planted.LatinName, ["phone"] = Planted.Phone, ["tax_id"] = Planted.IdNumber };
        }

        if (whole["brand"] is not null)
            (whole["number"], whole["fingerprint"]) = (Planted.Card, Planted.OpenId);
        if (whole["error"] is JsonObject error)
            error["message"] = Planted.Sentence;
        if (whole["last_payment_error"] is JsonObject last)
            last["message"] = Planted.Sentence;
    }
}
