using System.Text;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What a method needs and does.</summary>
/// <param name="Fields">The fields of its content.</param>
/// <param name="Wrong">The method's own code for a content that is not as it must be.</param>
/// <param name="Execute">Runs under the lock.</param>
internal sealed record GatewayMethod(FieldTable Fields, string Wrong, Func<GatewayCall, GatewayAnswer> Execute);

/// <summary>Where calls come in (<c>/gateway.do</c>): reads, verifies, executes under the lock, signs the answer.</summary>
internal sealed class GatewayDoor(
    AlipayState state, RequestChecks checks, AnswerWriter writer, AlipayFaults faults, IReadOnlyDictionary<string, GatewayMethod> methods,
    WalletDoor wallet)
{
    /// <summary>Where the rail answers.</summary>
    public const string Path = "/gateway.do";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, ServeAsync);
        routes.MapGet(Path, ServeAsync);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var read = RequestChecks.Read(context.Request.QueryString.Value ?? "", await RequestBody.ReadAsync(context.Request));
        if (read is not var (fields, encoding))
        {
            await WriteAsync(context, "", GatewayAnswer.Refuse("40002", "isv.invalid-parameter", "no form of its charset"), AlipayWire.Utf8, null);
            return;
        }

        var method = fields.GetValueOrDefault("method", "");
        if (method == WalletDoor.SignPage)
        {
            await wallet.ShowAsync(context, fields, encoding);
            return;
        }

        var (answer, fault) = Answer(method, fields, encoding);
        await WriteAsync(context, method, answer, encoding, fault);
    }

    private (GatewayAnswer Answer, AlipayFault? Fault) Answer(string name, IReadOnlyDictionary<string, string> fields, Encoding encoding)
    {
        var (call, refusal) = checks.Check(fields, encoding, isPage: false);
        if (call is null)
            return (refusal!, null);
        if (!methods.TryGetValue(name, out var method))
            return (GatewayAnswer.Refuse("40002", "isv.invalid-method", "不存在的方法名"), null);
        var fault = faults.Take(call.Content);
        if (Unexecuted(fault) is { } broken)
            return (broken, fault);
        if (method.Fields.Fault(call.Content) is { } wrong)
            return (GatewayAnswer.Fail(method.Wrong, $"参数无效: {wrong}"), fault);
        lock (state.Gate)
        {
            var answer = method.Execute(call);
            return (fault == AlipayFault.SystemErrorAfter ? GatewayAnswer.Unknown() : answer, fault);
        }
    }

    private static GatewayAnswer? Unexecuted(AlipayFault? fault) => fault switch
    {
        AlipayFault.LoseRequest or AlipayFault.BadGateway => GatewayAnswer.Broken(),
        AlipayFault.SystemError => GatewayAnswer.Unknown(),
        AlipayFault.CallLimited => GatewayAnswer.Limited(),
        AlipayFault.RefuseRequest => GatewayAnswer.Fail("ACQ.INVALID_PARAMETER", "参数无效"),
        null or AlipayFault.LoseAnswer or AlipayFault.SlowAnswer or AlipayFault.SystemErrorAfter or AlipayFault.BadSignature
            or AlipayFault.Unsigned => null,
        _ => throw new InvalidOperationException($"Fault {fault} is unknown."),
    };

    private async Task WriteAsync(HttpContext context, string method, GatewayAnswer answer, Encoding encoding, AlipayFault? fault)
    {
        if (fault == AlipayFault.SlowAnswer)
            await Task.Delay(AlipayFaults.SlowAnswer, context.RequestAborted);
        if (fault == AlipayFault.BadGateway)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }

        if (answer.Lost || fault == AlipayFault.LoseAnswer)
        {
            context.Abort();
            return;
        }

        var body = writer.Write(method, answer, encoding, fault);
        context.Response.ContentType = $"text/html;charset={encoding.WebName}";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }
}
