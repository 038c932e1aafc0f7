using System.Net;
using System.Text;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The small pages a person sees in place of the wallet.</summary>
internal static class Pages
{
    private const string ContentType = "text/html; charset=utf-8";

    /// <summary>Sign or give up.</summary>
    public static V2Answer ToSign(Signing signing) => Page("Sign the renewal (自动续费签约)", $"""
        <p>Account: <b>{Text(signing.DisplayAccount)}</b><br>Template: {Text(signing.Template.PlanId)}</p>
        <form method="post" action="/wechat/signings/{signing.Code}/confirm">
          <label>Member <input name="member" required autocomplete="off"></label>
          <button>Confirm (确认签约)</button>
          <button formaction="/wechat/signings/{signing.Code}/give-up" formnovalidate>Give up (放弃)</button>
        </form>
        """);

    /// <summary>Pay, with the renewal kept on or switched off.</summary>
    public static V2Answer ToPay(Order order) => Page("Cashier (收银台)", $"""
        <p>{Text(order.Subject)}: <b>CNY {order.Amount / 100}.{order.Amount % 100:00}</b></p>
        <form method="post" action="/wechat/cashier/{order.PrepayId}/pay">
          <label>Member <input name="member" required autocomplete="off"></label>
          <label><input type="checkbox" name="renew" value="true" checked> Renew automatically (自动续费)</label>
          <button>Pay (支付)</button>
        </form>
        """);

    public static V2Answer Problem(V2Answer refusal) => Page("Cannot be signed", $"<p>{Text(SigningDesk.CodeOf(refusal))}</p>");

    public static V2Answer NotFound() => Page("Not found", "<p>There is nothing here, or not any more.</p>");

    private static V2Answer Page(string title, string body) => V2Answer.Document(ContentType, Encoding.UTF8.GetBytes(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        + $"<title>Sandbox: {title}</title><h1>{title}</h1>{body}<p><small>Sandbox only: no real money moves.</small></p></html>"));

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
