using System.Text;
using System.Text.Json.Nodes;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>What a member's device opens: the signing page of the rail, the wallet behind an app, and the buttons on their pages.</summary>
internal sealed class WalletDoor(AlipayState state, RequestChecks checks, SigningDesk signings, MemberDesk members)
{
    /// <summary>The method whose link is a page.</summary>
    public const string SignPage = "alipay.user.agreement.page.sign";

    private const string PayAndSign = "alipay.trade.app.pay";

    /// <summary>Adds the wallet; the page's own address is the gateway's.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/alipay/wallet", OpenAsync);
        routes.MapPost("/alipay/signings/{code}/confirm", context => PressAsync(context, form => members.Confirm(Find(context), form["member"])));
        routes.MapPost("/alipay/signings/{code}/pay", context => PressAsync(
            context, form => members.PayAndSign(Find(context), form["member"], form["renew"] is "true")));
        routes.MapPost("/alipay/signings/{code}/give-up", context => PressAsync(context, _ => members.GiveUp(Find(context))));
    }

    /// <summary>Shows what a signed link or string asks for, or why it is refused.</summary>
    public async Task ShowAsync(HttpContext context, IReadOnlyDictionary<string, string> fields, Encoding encoding)
    {
        var (call, refusal) = checks.Check(fields, encoding, isPage: true);
        string page;
        lock (state.Gate)
        {
            page = call is null ? WalletPages.Problem(refusal!.Node["sub_code"]!.GetValue<string>()) : Open(call);
        }

        await WriteAsync(context, page);
    }

    private string Open(GatewayCall call)
    {
        var (signing, problem) = call.Method switch
        {
            SignPage => signings.OpenPage(call),
            PayAndSign => signings.OpenOrder(call),
            _ => (null, "isv.invalid-method"),
        };
        return signing is null ? WalletPages.Problem(problem!) : WalletPages.Of(signing, state);
    }

    // An app hands the signed string to the wallet, which asks the rail with it.
    private async Task OpenAsync(HttpContext context)
    {
        if (RequestChecks.Read(context.Request.QueryString.Value ?? "", []) is var (fields, encoding))
            await ShowAsync(context, fields, encoding);
        else
            await WriteAsync(context, WalletPages.Problem("isv.invalid-parameter"));
    }

    private Signing? Find(HttpContext context) => state.Signings.GetValueOrDefault((string)context.Request.RouteValues["code"]!);

    private async Task PressAsync(HttpContext context, Func<SandboxForm, WalletResult> press)
    {
        var form = await SandboxForm.ReadAsync(context.Request);
        WalletResult result;
        Uri? back;
        lock (state.Gate)
        {
            (back, result) = (Find(context)?.ReturnUrl, press(form));
        }

        context.Response.StatusCode = result.Refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        if (context.Request.HasFormContentType)
        {
            await WriteAsync(context, WalletPages.Done(result, back));
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(new JsonObject
        {
            ["agreement_no"] = result.AgreementNo, ["trade_no"] = result.TradeNo, ["refusal"] = result.Refusal,
        }.ToJsonString());
    }

    private static Task WriteAsync(HttpContext context, string page)
    {
        context.Response.ContentType = SandboxPage.ContentType;
        return context.Response.WriteAsync(page, AlipayWire.Utf8);
    }
}
