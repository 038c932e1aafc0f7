using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Renewals.Gateways.WeChatPay;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>Where API v3 calls come in: verifies the Authorization header over the body, executes under the lock, signs.</summary>
internal sealed class V3Door(WeChatPayState state, PlatformKeys keys, Faults faults)
{
    public void Post(IEndpointRouteBuilder app, string path, FieldSet table, Func<V3Call, V3Answer> handler) =>
        app.MapPost(path, context => ServeAsync(context, table, handler));

    public void Get(IEndpointRouteBuilder app, string path, Func<V3Call, V3Answer> handler) =>
        app.MapGet(path, context => ServeAsync(context, FieldSets.Empty, handler));

    private async Task ServeAsync(HttpContext context, FieldSet table, Func<V3Call, V3Answer> handler)
    {
        var body = await RequestBody.ReadAsync(context.Request);
        var answer = Answer(context, body, table, handler, out var fault);
        if (fault == SandboxFault.SlowAnswer)
            await Task.Delay(Faults.SlowAnswer, context.RequestAborted);
        if (fault == SandboxFault.LoseAnswer)
        {
            context.Abort();
            return;
        }

        await WriteAsync(context, answer, fault);
    }

    private V3Answer Answer(HttpContext context, byte[] body, FieldSet table, Func<V3Call, V3Answer> handler, out SandboxFault? fault)
    {
        fault = null;
        if (RefusalOfHeaders(context, body) is { } refusal)
            return refusal;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        if (!FlatJson.TryRead(body, fields, numbers))
            return V3Answer.Fail(400, "PARAM_ERROR", "the body is not a JSON object of this call");
        if (table.Fault(fields, numbers) is { } wrong)
            return V3Answer.Fail(400, "PARAM_ERROR", wrong.Text);
        var key = context.Request.RouteValues.Values.FirstOrDefault() as string ?? "";
        fault = faults.Take(key, fields.GetValueOrDefault("out_refund_no"), fields.GetValueOrDefault("out_trade_no"));
        if (fault is SandboxFault.SystemError or SandboxFault.ReturnFail)
            return V3Answer.Fail(500, "SYSTEM_ERROR", "system busy");
        if (fault == SandboxFault.RefuseRequest)
            return V3Answer.Fail(400, "PARAM_ERROR", "a parameter is wrong");
        lock (state.Gate)
        {
            return handler(new V3Call(fields, key, state.Now));
        }
    }

    private V3Answer? RefusalOfHeaders(HttpContext context, byte[] body)
    {
        var request = context.Request;
        if (WeChatPayAuthorization.TryParse(request.Headers.Authorization) is not { } header)
            return V3Answer.Fail(401, "SIGN_ERROR", "the Authorization header is missing or malformed");
        if (header.MchId != state.Credentials.MchId || header.SerialNo != state.Credentials.MerchantSerial)
            return V3Answer.Fail(401, "SIGN_ERROR", "merchant number or certificate serial is unknown");
        if (!WeChatPayV3Signer.IsFresh(header.Timestamp, state.Now))
            return V3Answer.Fail(401, "SIGN_ERROR", "the timestamp is more than five minutes off");
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (header.Nonce.Length is 0 or > 32 || !WeChatPayV3Signer.Verify(keys.Merchant, header, request.Method, target, body))
            return V3Answer.Fail(401, "SIGN_ERROR", "the signature is not the merchant's over this request (签名错误)");
        if (!request.Headers.Accept.ToString().Contains("application/json") || request.Headers.UserAgent.Count == 0)
            return V3Answer.Fail(400, "PARAM_ERROR", "Accept: application/json and a User-Agent are required");
        if (body.Length > 0 && request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            return V3Answer.Fail(400, "PARAM_ERROR", "Content-Type must be application/json");
        return null;
    }

    private async Task WriteAsync(HttpContext context, V3Answer answer, SandboxFault? fault)
    {
        var body = answer.Body is null ? [] : Encoding.UTF8.GetBytes(answer.Body.ToJsonString());
        var response = context.Response;
        response.StatusCode = answer.Status;
        if (fault != SandboxFault.ReturnFail)
        {
            var asked = context.Request.Headers[WeChatPaySignedHeaders.SerialName].ToString();
            var headers = keys.Sign(fault == SandboxFault.BadSignature ? [.. body, 1] : body, state.Now, asked);
            foreach (var (name, value) in headers.ToDictionary())
                response.Headers[name] = value;
        }

        response.Headers["Request-ID"] = StableId.Hex(32, context.Connection.Id, context.TraceIdentifier);
        if (answer.Body is null)
            return;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }
}
