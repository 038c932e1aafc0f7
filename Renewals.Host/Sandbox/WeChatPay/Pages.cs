using System.Text;
using static Renewals.Host.Sandbox.SandboxPage;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The pages a person sees in place of the wallet, in Chinese and English.</summary>
internal static class Pages
{
    /// <summary>Sign or give up.</summary>
    public static V2Answer ToSign(Signing signing) => Page("自动续费签约", "Agree to the renewal", $"""
        <p>您授权商户按约定周期自动扣款，届时无需再次确认；可随时在微信中关闭。<br><span lang="en">You let the merchant charge you each period without
          asking again. You can end this in the wallet at any time.</span></p>
        {Terms([("服务账号 / Account", signing.DisplayAccount), ("模板 / Template", signing.Template.PlanId)])}
        <form method="post" action="/wechat/signings/{signing.Code}/confirm">
          {MemberField}
          <button class="main">确认签约 / Confirm</button>
          <button formaction="/wechat/signings/{signing.Code}/give-up" formnovalidate>放弃 / Give up</button>
        </form>
        """);

    /// <summary>Pay, with the renewal kept on or switched off.</summary>
    public static V2Answer ToPay(Order order) => Page("收银台", "Cashier", $"""
        <p>{Text(order.Subject)}: <b>¥{order.Amount / 100}.{order.Amount % 100:00}</b></p>
        <form method="post" action="/wechat/cashier/{order.PrepayId}/pay">
          {MemberField}
          <label><input type="checkbox" name="renew" value="true" checked> 开通自动续费 / Renew automatically</label><br>
          <button class="main">支付 / Pay</button>
        </form>
        """);

    public static V2Answer Problem(V2Answer refusal) => Page("无法签约", "Cannot be signed", $"<p role=\"alert\">{Text(SigningDesk.CodeOf(refusal))}</p>");

    public static V2Answer NotFound() => Page("页面不存在", "Not found", "<p>此页面不存在或已过期。There is nothing here, or not any more.</p>");

    private static V2Answer Page(string chinese, string english, string body) =>
        V2Answer.Document(ContentType, Encoding.UTF8.GetBytes(Of("#07a14b", chinese, english, body)));
}
