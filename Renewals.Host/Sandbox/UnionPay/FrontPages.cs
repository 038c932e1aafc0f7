using System.Text;
using static Renewals.Host.Sandbox.SandboxPage;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The pages a member sees at the rail, in Chinese and English.</summary>
internal static class FrontPages
{
    /// <summary>What is agreed, a field for the code from the text message, and two buttons.</summary>
    public static string ToConfirm(Establishing establishing, EntrustGeneration generation, string? problem)
    {
        var (call, card) = (establishing.Call, establishing.Card!);
        var page = $"/gateway/front/{establishing.PageToken}";
        var key = generation == EntrustGeneration.A ? call["bindId"] : call["billNo"];
        return Page("确认代收委托", "Confirm the collection entrust", $"""
            {(problem is null ? "" : $"<p role=\"alert\"><b>{Text(Say(problem))}</b></p>")}
            <p>您授权商户按以下约定从银行卡扣款，扣款时不再逐笔确认；您可随时向商户或发卡行解除委托。<br>
              <span lang="en">You let the merchant collect from your card by the terms below. Single collections are not confirmed again; you can end
              this at any time, with the merchant or at your bank.</span></p>
            {Terms([
                ("商户号 / Merchant", call["merId"]), ("银行卡 / Card", $"{card.Masked} ({(card.IsCredit ? "信用卡 credit" : "借记卡 debit")})"),
                ("手机号 / Phone", $"{card.Phone[..3]}****{card.Phone[^4..]}"), ("用户号 / User number", key), ("期限 / Validity", Validity(establishing.Terms)),
                ("次数 / Frequency", Frequency(establishing.Terms)),
            ])}
            <form method="post" action="{page}/confirm">
              <label>短信验证码 / SMS code
                <input name="smsCode" required inputmode="numeric" pattern="[0-9]*" maxlength="6" autocomplete="one-time-code" autofocus></label>
              <br><button class="main">同意并确认 / Agree and confirm</button>
              <button formaction="{page}/give-up" formnovalidate>放弃 / Give up</button>
            </form>
            <p><small>测试验证码 / The sandbox's code: {Payer.SmsCode}</small></p>
            """);
    }

    /// <summary>Brings the browser back to the merchant with the signed result.</summary>
    public static string Return(string frontUrl, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        var inputs = new StringBuilder();
        foreach (var (name, value) in fields)
            inputs.Append($"<input type=\"hidden\" name=\"{Text(name)}\" value=\"{Text(value)}\">");
        return Page("委托已建立", "The entrust is established", $"""
            <form id="back" method="post" action="{Text(frontUrl)}">{inputs}
              <button class="main">返回商户 / Back to the merchant</button></form>
            <script>document.getElementById("back").submit();</script>
            """);
    }

    /// <summary>Where the browser comes back to when the merchant has no page of its own.</summary>
    public static string Returned() => Page("已返回商户", "Back at the merchant", """
        <p>签约结果以后台通知为准。<br><span lang="en">What the entrust became is told to the merchant's service, not by this page.</span></p>
        """);

    /// <summary>Nothing was established; the way back carries no data.</summary>
    public static string Problem(string code, string? frontUrl = null) => Page("未能建立委托", "No entrust was established", $"""
        <p role="alert">{Text(Say(code))} ({Text(code)})</p>
        {(frontUrl is null ? "" : $"<p><a href=\"{Text(frontUrl)}\">返回商户 / Back to the merchant</a></p>")}
        """);

    private static string Say(string code) => $"{ResponseTexts.Of(code)} / {ResponseTexts.InEnglish(code)}";

    private static string Validity(EntrustTerms terms) =>
        terms.ValidMonths == 0 ? "长期 / without end" : $"{terms.ValidMonths} 个月 / {terms.ValidMonths} months";

    private static string Frequency(EntrustTerms terms)
    {
        var (chinese, english) = terms.Unit switch
        {
            FrequencyUnit.Unlimited => ("", ""),
            FrequencyUnit.Year => ("每年", "year"),
            FrequencyUnit.Quarter => ("每季", "quarter"),
            FrequencyUnit.Month => ("每月", "month"),
            FrequencyUnit.Week => ("每周", "week"),
            FrequencyUnit.Day => ("每日", "day"),
            _ => throw new InvalidOperationException($"Unit {terms.Unit} is unknown."),
        };
        return chinese.Length == 0 ? "不限 / unlimited" : $"{chinese}最多 {terms.Most} 次 / at most {terms.Most} per {english}";
    }

    private static string Page(string chinese, string english, string body) => Of("#007b84", chinese, english, body);
}
