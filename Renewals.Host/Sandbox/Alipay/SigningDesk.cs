using System.Globalization;
using System.Text.Json;
using NodaTime;
using Renewals.Gateways.Alipay;

namespace Renewals.Host.Sandbox.Alipay;

/// <summary>Opens signings: an agreement alone (独立签约), or with an order that is paid in the same step (支付并签约).</summary>
/// <remarks>What is wrong with a signing the merchant never hears of: it stands on the page the member sees.</remarks>
internal sealed class SigningDesk(AlipayState state, TradeNews news)
{
    private const string Illegal = "ILLEGAL_PARAMS";
    private const int LongestEffect = 86_400;

    private static readonly FieldTable AccessParams = new(new Field("channel", Most: 20, IsRequired: true));

    private static readonly Field[] Signing =
    [
        new("personal_product_code", IsRequired: true), new("product_code"), new("sign_scene"), new("external_agreement_no", Most: 32),
        new("external_logon_id", Most: 100), new("access_params", FieldKind.Object, IsRequired: true, Of: AccessParams),
        new("period_rule_params", FieldKind.Object, Of: PeriodRule.Fields), new("sign_validity_period", Most: 8),
        new("effect_time", FieldKind.Number), new("third_party_type", Most: 32), new("sign_notify_url", Most: 256),
    ];

    private static readonly FieldTable PageFields = new(Signing);

    private static readonly FieldTable OrderFields = new(
    [
        .. OrderRules.Fields, new("agreement_sign_params", FieldKind.Object, IsRequired: true, Of: new FieldTable(Signing)),
    ]);

    /// <summary>Opens the page of an agreement.</summary>
    public (Signing? Signing, string? Problem) OpenPage(GatewayCall call) =>
        PageFields.Fault(call.Content) is { } fault ? (null, $"{Illegal}: {fault}") : Open(call, call.Content, null);

    /// <summary>Opens the cashier of an order with an agreement.</summary>
    public (Signing? Signing, string? Problem) OpenOrder(GatewayCall call)
    {
        if (OrderFields.Fault(call.Content) is { } fault)
            return (null, $"{Illegal}: {fault}");
        if (OrderRules.WhyNot(call, state) is ({ } code, var why))
            return (null, $"{code}: {why}");
        if (OrderRules.ExpiresAt(call) is not { } end || end <= call.Now)
            return (null, "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR");
        var terms = call.Content.Part("agreement_sign_params")!.Value;
        var earlier = state.FindTrade("", call["out_trade_no"]);
        if (earlier is not null && earlier.Content != call.Text)
            return (null, "ACQ.CONTEXT_INCONSISTENT");
        if (earlier is { Stage: not TradeStage.Open })
            return (null, earlier.Stage == TradeStage.Closed ? "ACQ.TRADE_HAS_CLOSE" : "ACQ.TRADE_HAS_SUCCESS");
        var order = earlier ?? OrderRules.Make(call, end);
        var opened = Open(call, terms, order);
        if (opened.Signing is not null && earlier is null)
        {
            state.Add(order);
            news.WatchExpiry(order);
        }

        return opened;
    }

    private (Signing? Signing, string? Problem) Open(GatewayCall call, JsonElement terms, Trade? order)
    {
        if (WhyNot(terms) is { } fault)
            return (null, $"{Illegal}: {fault}");
        if (OpenUntil(call, terms) is not { } until || call.Now >= until)
            return (null, "SIGN_PAGE_EXPIRED: effect_time");
        PeriodRule? rule = null;
        if (terms.Part("period_rule_params") is { } given)
        {
            (rule, var wrong) = PeriodRule.Read(given, call.Now.BeijingDay(), state.Options.MaxSingleAmount);
            if (wrong is not null)
                return (null, $"{Illegal}: period_rule_params: {wrong}");
        }

        var code = terms.Text("external_agreement_no") is { Length: > 0 } named ? named : StableId.Hex(32, "signing", call.Parameter("sign"));
        if (state.AgreementsByCode.ContainsKey(code))
            return (null, "USER_AGREEMENT_EXIST: external_agreement_no was signed before");
        var signing = new Signing
        {
            Code = code, Scene = terms.Text("sign_scene"), PersonalProduct = terms.Text("personal_product_code"), Rule = rule,
            DisplayAccount = terms.Text("external_logon_id"), Validity = Validity(terms.Text("sign_validity_period")),
            NotifyUrl = GatewayCall.Address(terms.Text("sign_notify_url")) ?? call.NotifyUrl,
            ReturnUrl = GatewayCall.Address(call.Parameter("return_url")), OpenUntil = until, Order = order,
        };
        state.Signings[code] = signing;
        return (signing, null);
    }

    private string? WhyNot(JsonElement terms) =>
        terms.TryGetProperty("agreement_effect_type", out _) ? "agreements that take effect on notice are not played here"
        : terms.Text("personal_product_code") is not ("CYCLE_PAY_AUTH_P" or "GENERAL_WITHHOLDING_P") ? "personal_product_code"
        : (terms.Text("personal_product_code") == "CYCLE_PAY_AUTH_P") != terms.Part("period_rule_params").HasValue ? "period_rule_params"
        : terms.Text("product_code") is { Length: > 0 } product && product != state.ProductCode ? "product_code is not of the contract"
        : terms.Part("access_params")!.Value.Text("channel") is not ("ALIPAYAPP" or "QRCODE" or "QRCODEORSMS") ? "channel"
        : terms.Text("sign_scene").Length == 0 && terms.Text("external_agreement_no").Length > 0 ? "external_agreement_no without sign_scene"
        : terms.Text("sign_scene") is { Length: > 0 } scene && !state.Options.Scenes.Contains(scene) ? "sign_scene is not of the contract"
        : !terms.Text("external_agreement_no").All(char.IsAsciiLetterOrDigit) ? "external_agreement_no has letters and digits only"
        : terms.Text("sign_validity_period") is { Length: > 0 } period && Validity(period) is null ? "sign_validity_period"
        : null;

    // Counted from the call's own timestamp; without it the page stays open for a day.
    private static Instant? OpenUntil(GatewayCall call, JsonElement terms)
    {
        var seconds = terms.Text("effect_time") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : LongestEffect;
        return seconds > LongestEffect ? null : AlipayWire.TryTime(call.Parameter("timestamp"))! + Duration.FromSeconds(seconds);
    }

    private static Period? Validity(string text) =>
        text is [.. var digits, 'd' or 'm'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? text[^1] == 'd' ? Period.FromDays(count) : Period.FromMonths(count)
            : null;
}
