using static Renewals.Host.Sandbox.SandboxPage;

namespace Renewals.Host.Sandbox.Stripe;

/// <summary>The page a member sees at the rail, in Chinese and English.</summary>
internal static class CheckoutPages
{
    /// <summary>What is agreed and paid, and two buttons.</summary>
    public static string ToConfirm(CheckoutPage page) => Page("保存银行卡", "Save your card", $"""
        <p>您授权商户以后按约定从此卡扣款，届时无需再次确认。<br>
          You let the merchant charge this card later by the terms you agreed on, without asking you again.</p>
        {(page.Pays ? $"<p>现在支付 / Pay now: {Text(page.Subject)}, <b>{Text(page.Currency.ToUpperInvariant())} {page.Amount / 100}.{page.Amount % 100:00}</b></p>" : "")}
        <form method="post" action="/stripe/checkout/{page.Id}/confirm">
          {MemberField}
          <button class="main">{(page.Pays ? "支付并保存 / Pay and save" : "确认 / Confirm")}</button>
        </form>
        <p><a href="{Text(page.CancelUrl)}">返回 / Go back</a></p>
        """);

    /// <summary>Done, or why not.</summary>
    public static string Result(CheckoutPage? page, SandboxSigning signing) => signing.Refusal is { } refusal
        ? Page("未能保存", "Not saved", $"<p>{Text(refusal)}</p>{(page is null ? "" : $"<p><a href=\"/stripe/checkout/{page.Id}\">再试一次 / Try again</a></p>")}")
        : Page("已保存", "Saved", $"<p><a href=\"{Text(page!.SuccessUrl)}\">返回商户 / Back to the merchant</a></p>");

    public static string NotFound() => Page("页面不存在", "Not found", "<p>此页面不存在或已过期。There is nothing here, or not any more.</p>");

    private static string Page(string chinese, string english, string body) => Of("#635bff", chinese, english, body);
}
