using System.Net;
using System.Text;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>The pages a member sees at the rail, in Chinese and English.</summary>
internal static class FrontPages
{
    public const string ContentType = "text/html; charset=utf-8";

    /// <summary>What is agreed, a field for the code from the text message, and two buttons.</summary>
    public static string ToConfirm(Establishing establishing, EntrustGeneration generation, string? problem)
    {
        var (call, card) = (establishing.Call, establishing.Card!);
        var page = $"/gateway/front/{establishing.PageToken}";
        var key = generation == EntrustGeneration.A ? call["bindId"] : call["billNo"];
        return Page("确认代收委托", "Confirm the collection entrust", $"""
            {(problem is null ? "" : $"<p role=\"alert\"><b>{Text(problem)} / The code is wrong.</b></p>")}
            <p>您授权商户按约定从银行卡扣款，扣款时不再逐笔确认。<br>
              You let the merchant collect from your card by the terms below; single collections are not confirmed again.</p>
            <dl>
              <dt>商户号 / Merchant</dt><dd>{Text(call["merId"])}</dd>
              <dt>银行卡 / Card</dt><dd>{Text(card.Masked)} ({(card.IsCredit ? "信用卡 credit" : "借记卡 debit")})</dd>
              <dt>手机号 / Phone</dt><dd>{Text(card.Phone[..3])}****{Text(card.Phone[^4..])}</dd>
              {(key.Length == 0 ? "" : $"<dt>用户号 / User number</dt><dd>{Text(key)}</dd>")}
              <dt>期限 / Validity</dt><dd>{Text(Validity(establishing.Terms))}</dd>
              <dt>次数 / Frequency</dt><dd>{Text(Frequency(establishing.Terms))}</dd>
            </dl>
            <form method="post" action="{page}/confirm">
              <label>短信验证码 / SMS code
                <input name="smsCode" required inputmode="numeric" maxlength="6" autocomplete="one-time-code"></label>
              <button>同意并确认 / Agree and confirm</button>
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
              <button>返回商户 / Back to the merchant</button></form>
            <script>document.getElementById("back").submit();</script>
            """);
    }

    /// <summary>Nothing was established; the way back carries no data.</summary>
    public static string Problem(string code, string? frontUrl = null) => Page("未能建立委托", "No entrust was established", $"""
        <p>{Text(ResponseTexts.Of(code))} ({Text(code)})</p>
        {(frontUrl is null ? "" : $"<p><a href=\"{Text(frontUrl)}\">返回商户 / Back to the merchant</a></p>")}
        """);

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

    private static string Page(string chinese, string english, string body) =>
        $"<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        + $"<title>沙箱 Sandbox: {chinese}</title><h1>{chinese} / {english}</h1>{body}"
        + "<p><small>沙箱，不涉及真实资金。Sandbox only: no real money moves.</small></p></html>";

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
