using System.Security.Cryptography;
using System.Text;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Where API v2 calls come in: reads, verifies, executes under the lock, signs the answer.</summary>
internal sealed class V2Door(WeChatPayState state, Faults faults)
{
    /// <summary>Adds an XML call.</summary>
    /// <param name="app">The routes.</param>
    /// <param name="path">The call's path.</param>
    /// <param name="table">Its parameters.</param>
    /// <param name="handler">What it does; runs under the lock.</param>
    public void Post(IEndpointRouteBuilder app, string path, FieldSet table, Func<V2Call, V2Answer> handler) =>
        app.MapPost(path, async context =>
        {
            var body = await RequestBody.ReadAsync(context.Request);
            var answer = WeChatPayXml.TryRead(body, out var fields, out _)
                ? Answer(fields, table, handler, out var fault)
                : Unreadable(out fields, out fault);
            await WriteAsync(context, answer, fields, table, fault);
        });

    /// <summary>Adds a call whose parameters stand in the address.</summary>
    /// <inheritdoc cref="Post"/>
    public void Get(IEndpointRouteBuilder app, string path, FieldSet table, Func<V2Call, V2Answer> handler) =>
        app.MapGet(path, async context =>
        {
            var query = context.Request.Query;
            IReadOnlyDictionary<string, string> fields = query.ToDictionary(
                pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
            SandboxFault? fault = null;
            var answer = query.Any(pair => pair.Value.Count != 1)
                ? V2Answer.NotUnderstood("a parameter stands twice (参数构造错误)")
                : Answer(fields, table, handler, out fault);
            await WriteAsync(context, answer, fields, table, fault);
        });

    private static V2Answer Unreadable(out IReadOnlyDictionary<string, string> fields, out SandboxFault? fault)
    {
        (fields, fault) = (new Dictionary<string, string>(), null);
        return V2Answer.NotUnderstood("XML_FORMAT_ERROR");
    }

    private V2Answer Answer(
        IReadOnlyDictionary<string, string> fields, FieldSet table, Func<V2Call, V2Answer> handler, out SandboxFault? fault)
    {
        fault = null;
        if (RequestChecks.Check(fields, table, state.Credentials) is { } refusal)
            return refusal;
        fault = faults.Take(
            fields.GetValueOrDefault("out_refund_no"), fields.GetValueOrDefault("out_trade_no"), fields.GetValueOrDefault("contract_id"),
            fields.GetValueOrDefault("contract_code"));
        if (fault == SandboxFault.SystemError)
            return V2Answer.Fail("SYSTEMERROR", "system busy");
        if (fault == SandboxFault.RefuseRequest)
            return V2Answer.Fail("PARAM_ERROR", "a parameter is wrong");
        if (fault == SandboxFault.ReturnFail)
            return V2Answer.NotUnderstood("system busy");
        lock (state.Gate)
        {
            return handler(new V2Call(fields, RequestChecks.SignTypeOf(fields, table), state.Now));
        }
    }

    private async Task WriteAsync(
        HttpContext context, V2Answer answer, IReadOnlyDictionary<string, string> fields, FieldSet table, SandboxFault? fault)
    {
        if (fault == SandboxFault.SlowAnswer)
            await Task.Delay(Faults.SlowAnswer, context.RequestAborted);
        if (answer.Lost || fault == SandboxFault.LoseAnswer)
        {
            context.Abort();
            return;
        }

        var (contentType, body) = answer.Raw ?? ("text/xml; charset=utf-8", Encoding.UTF8.GetBytes(Xml(answer, fields, table, fault)));
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    private string Xml(V2Answer answer, IReadOnlyDictionary<string, string> fields, FieldSet table, SandboxFault? fault)
    {
        if (!answer.Understood)
            return WeChatPayXml.Write(answer.Fields);
        List<KeyValuePair<string, string>> all =
            [.. answer.Fields, new("appid", state.Credentials.AppId), new("mch_id", state.Credentials.MchId)];
        if (table.HasNonce || table == FieldSets.PreEntrustWeb)
            all.Add(new("nonce_str", RandomNumberGenerator.GetHexString(32, lowercase: true)));
        var key = fault == SandboxFault.BadSignature ? "not the merchant's key" : state.Credentials.ApiV2Key;
        return WeChatPayXml.Write(WeChatPaySigner.Signed(all, key, RequestChecks.SignTypeOf(fields, table)));
    }
}
