using System.Text.Json.Nodes;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The endpoints under <c>/wechat</c>: what members do in the wallet; not part of the rail's protocol.</summary>
internal sealed class MemberEndpoints(WeChatPaySandbox sandbox, WeChatPayState state)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/wechat/pages/{code}", context => PageAsync(context, () =>
            state.Signings.GetValueOrDefault(Route(context, "code")) is { } signing && signing.IsOpenAt(state.Now)
                ? Pages.ToSign(signing)
                : null));
        app.MapGet("/wechat/cashier/{prepay}", context => PageAsync(context, () =>
            state.OrdersByPrepay.GetValueOrDefault(Route(context, "prepay")) is { Stage: OrderStage.Open } order
                ? Pages.ToPay(order)
                : null));
        app.MapPost("/wechat/signings/{key}/confirm", ConfirmAsync);
        app.MapPost("/wechat/signings/{key}/give-up", async context =>
            await ReplyAsync(context, new JsonObject { ["given_up"] = await sandbox.GiveUpSigningAsync(Route(context, "key")) }));
        app.MapPost("/wechat/mini-program", MiniProgramAsync);
        app.MapPost("/wechat/cashier/{prepay}/pay", PayAsync);
    }

    private static Task ReplyAsync(HttpContext context, JsonNode body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private async Task ConfirmAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        var result = await sandbox.ConfirmSigningAsync(Route(context, "key"), form["member"]);
        await ReplyAsync(context, Json(result), result.Refusal is null ? 200 : 409);
    }

    private async Task MiniProgramAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        var result = await sandbox.ConfirmMiniProgramAsync(form.ExtraData, form["member"]);
        await ReplyAsync(context, Json(result), result.Refusal is null ? 200 : 409);
    }

    private async Task PayAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        var result = await sandbox.PayAsync(Route(context, "prepay"), form["member"], form["renew"] is "true");
        var body = new JsonObject
        {
            ["transaction_id"] = result.TransactionId, ["contract_id"] = result.ContractId, ["refusal"] = result.Refusal,
        };
        await ReplyAsync(context, body, result.Refusal is null ? 200 : 409);
    }

    private async Task PageAsync(HttpContext context, Func<V2Answer?> find)
    {
        V2Answer? page;
        lock (state.Gate)
        {
            page = find();
        }

        context.Response.StatusCode = page is null ? 404 : 200;
        var (contentType, body) = (page ?? Pages.NotFound()).Raw!.Value;
        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(body);
    }

    private static JsonObject Json(SandboxSigning result) => new() { ["contract_id"] = result.RailAgreementId, ["refusal"] = result.Refusal };

    private static string Route(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;
}
