using System.Text.Json.Nodes;
using Renewals.Core.Gateways;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The endpoints under <c>/sandbox</c>: what members do, faults, and a look from outside; not part of the rail.</summary>
internal sealed class SandboxEndpoints(WeChatPaySandbox sandbox, WeChatPayState state)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/sandbox/pages/{code}", context => PageAsync(context, () =>
            state.Signings.GetValueOrDefault(Route(context, "code")) is { } signing && signing.IsOpenAt(state.Now)
                ? Pages.ToSign(signing)
                : null));
        app.MapGet("/sandbox/cashier/{prepay}", context => PageAsync(context, () =>
            state.OrdersByPrepay.GetValueOrDefault(Route(context, "prepay")) is { Stage: OrderStage.Open } order
                ? Pages.ToPay(order)
                : null));
        app.MapPost("/sandbox/signings/{key}/confirm", ConfirmAsync);
        app.MapPost("/sandbox/signings/{key}/give-up", async context =>
            await ReplyAsync(context, new JsonObject { ["given_up"] = await sandbox.GiveUpSigningAsync(Route(context, "key")) }));
        app.MapPost("/sandbox/mini-program", MiniProgramAsync);
        app.MapPost("/sandbox/cashier/{prepay}/pay", PayAsync);
        app.MapPost("/sandbox/contracts/{contract}/terminate", TerminateAsync);
        app.MapPost("/sandbox/members", OpenMemberAsync);
        app.MapPost("/sandbox/members/{member}/close", async context =>
        {
            await sandbox.CloseAccountAsync(Route(context, "member"));
            await ReplyAsync(context, new JsonObject { ["closed"] = true });
        });
        app.MapPost("/sandbox/notify-url", async context =>
        {
            var form = await SandboxForm.ReadAsync(context.Request);
            sandbox.MerchantNotifyUrl = Uri.TryCreate(form["url"], UriKind.Absolute, out var url) ? url : null;
            await ReplyAsync(context, new JsonObject { ["url"] = sandbox.MerchantNotifyUrl?.AbsoluteUri });
        });
        app.MapPost("/sandbox/faults", FaultAsync);
        SandboxViews.Map(app, sandbox);
    }

    public static Task ReplyAsync(HttpContext context, JsonNode body, int status = 200)
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

    private async Task TerminateAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        var mode = int.TryParse(form["mode"], out var number) && number is >= 1 and <= 5 ? (TerminationMode)number : TerminationMode.Member;
        await ReplyAsync(context, new JsonObject { ["terminated"] = await sandbox.TerminateAsync(Route(context, "contract"), mode) });
    }

    private async Task OpenMemberAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        var valid = long.TryParse(form["balance"], out var balance) && balance >= 0 && form["member"].Length > 0;
        if (valid)
            sandbox.Bank.OpenAccount(form["member"], balance);
        await ReplyAsync(
            context, valid ? new JsonObject { ["openid"] = sandbox.OpenIdOf(form["member"]) } : Problem("give member and balance (fen)"),
            valid ? 200 : 400);
    }

    private async Task FaultAsync(HttpContext context)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        var key = form["order"].Length > 0 ? form["order"] : form["contract"];
        if (key.Length == 0 || Faults.Parse(form["fault"]) is not { } fault)
        {
            var words = "lose-answer, slow-answer, system-error, return-fail or bad-signature";
            await ReplyAsync(context, Problem($"give order or contract, and fault: {words}"), 400);
            return;
        }

        sandbox.InjectFault(key, fault);
        await ReplyAsync(context, new JsonObject { ["fault"] = fault.ToString() });
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

    private static JsonObject Problem(string text) => new() { ["problem"] = text };

    private static JsonObject Json(SigningResult result) => new() { ["contract_id"] = result.ContractId, ["refusal"] = result.Refusal };

    private static string Route(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;
}
