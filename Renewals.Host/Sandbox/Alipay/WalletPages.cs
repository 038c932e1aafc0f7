using Renewals.Gateways.Alipay;
using static Renewals.Host.Sandbox.SandboxPage;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>The pages a person sees in place of the wallet, in Chinese and English.</summary>
internal static class WalletPages
{
    /// <summary>Sign, or pay and sign.</summary>
    public static string Of(Signing signing, AlipayState state) => signing.Order is { } order
        ? Page("支付并签约", "Pay and agree", $"""
            <p>{Text(order.Subject)}: <b>¥{TradeNews.Yuan(order.Amount)}</b></p>
            {AgreedTerms(signing, state)}
            <form method="post" action="/alipay/signings/{signing.Code}/pay">
              {MemberField}
              <label><input type="checkbox" name="renew" value="true" checked> 开通自动续费 / Renew automatically</label>
              <button class="main">支付 / Pay</button>
              {GiveUp(signing)}
            </form>
            """)
        : Page("自动续费签约", "Agree to the renewal", $"""
            {AgreedTerms(signing, state)}
            <form method="post" action="/alipay/signings/{signing.Code}/confirm">
              {MemberField}
              <button class="main">同意协议并开通 / Agree</button>
              {GiveUp(signing)}
            </form>
            """);

    /// <summary>What came of it.</summary>
    public static string Done(WalletResult result, Uri? back)
    {
        var (chinese, english) = result switch
        {
            { Refusal: not null } => ("未完成", "Not done"),
            { AgreementNo: not null, TradeNo: not null } => ("支付成功，已签约", "Paid and agreed"),
            { TradeNo: not null } => ("支付成功，未签约", "Paid, not agreed"),
            { AgreementNo: not null } => ("签约成功", "Agreed"),
            _ => ("已放弃", "Given up"),
        };
        var detail = result.Refusal ?? result.AgreementNo;
        return Page(chinese, english, (detail is null ? "" : $"<p>{Text(detail)}</p>")
            + (back is null ? "" : $"<p><a href=\"{Text(back.AbsoluteUri)}\">返回商户 / Back to the merchant</a></p>"));
    }

    /// <summary>Why nothing can be signed: only the member sees it, as at the rail.</summary>
    public static string Problem(string code) => Page("商户请求数据错误", "The merchant's request is wrong", $"<p>{Text(code)}</p>");

    private static string GiveUp(Signing signing) =>
        $"""<button formaction="/alipay/signings/{signing.Code}/give-up" formnovalidate>放弃 / Give up</button>""";

    private static string AgreedTerms(Signing signing, AlipayState state)
    {
        var rows = new List<(string Name, string Value)>
        {
            ("商户 / Merchant", state.Credentials.SellerId), ("服务账号 / Account", signing.DisplayAccount), ("签约场景 / Scene", signing.Scene),
        };
        if (signing.Rule is { } rule)
        {
            rows.Add(("扣款周期 / Charged", rule.IsMonths ? $"每 {rule.Every} 个月 / every {rule.Every} month(s)" : $"每 {rule.Every} 天 / every {rule.Every} days"));
            rows.Add(("计划扣款日 / Planned date", AlipayWire.Date(rule.ExecuteTime)));
            rows.Add(("单次最高 / At most each time", $"¥{TradeNews.Yuan(rule.SingleAmount)}"));
            if (rule.TotalAmount is { } total)
                rows.Add(("累计最高 / At most in all", $"¥{TradeNews.Yuan(total)}"));
            if (rule.TotalPayments is { } times)
                rows.Add(("最多次数 / Times at most", $"{times}"));
        }

        return SandboxPage.Terms(rows);
    }

    private static string Page(string chinese, string english, string body) => SandboxPage.Of("#1677ff", chinese, english, body);
}
