using Renewals.Core.Charging;

namespace Renewals.Gateways.WeChatPay;

/// <summary>What a business error code asks for. The codes are a merge of several pages: one that is not here is never acted upon.</summary>
internal enum WeChatPayCodeClass
{
    /// <summary>Not known: ask.</summary>
    Unknown = 0,

    /// <summary>The rail was busy or too many calls came: ask, then the same again.</summary>
    Busy = 1,

    /// <summary>Our message or our set-up.</summary>
    OurFault = 2,

    /// <summary>The order already stands, in a state only a query tells.</summary>
    OrderStands = 3,

    /// <summary>The rail says there is no such order.</summary>
    NoSuchOrder = 4,

    /// <summary>The member or the agreement: refused, but only a query proves it.</summary>
    Member = 5,
}

/// <summary>The error codes of WeChat Pay, API v2 and v3 spellings together.</summary>
internal static class WeChatPayCodes
{
    /// <summary>What is said of a refusal beside its code: the rail's own text may quote what was sent.</summary>
    public const string Refused = "the rail refused it; its documentation says what the code means";

    /// <summary>The code of a refusal that has only a text: the rail's page of errors pairs the two (pay.weixin.qq.com, 错误码).</summary>
    /// <param name="text">The <c>return_msg</c>.</param>
    public static string OfReturnMessage(string text) => text switch
    {
        _ when text.Contains("签名", StringComparison.Ordinal) => "SIGNERROR",
        _ when text.Contains("不匹配", StringComparison.Ordinal) => "APPID_MCHID_NOT_MATCH",
        _ when text.Contains("appid不存在", StringComparison.OrdinalIgnoreCase) => "APPID_NOT_EXIST",
        _ when text.Contains("mchid不存在", StringComparison.OrdinalIgnoreCase) => "MCHID_NOT_EXIST",
        _ when text.Contains("缺少参数", StringComparison.Ordinal) => "LACK_PARAMS",
        _ when text.Contains("参数", StringComparison.Ordinal) => "PARAM_ERROR",
        _ when text.Contains("XML", StringComparison.OrdinalIgnoreCase) => "XML_FORMAT_ERROR",
        _ when text.Contains("post", StringComparison.OrdinalIgnoreCase) => "REQUIRE_POST_METHOD",
        _ when text.Contains("编码", StringComparison.Ordinal) => "NOT_UTF8",
        _ => RailWords.Code(text),
    };

    /// <summary>What a code of a deduction asks for.</summary>
    public static WeChatPayCodeClass ClassOf(string code) => code switch
    {
        "SYSTEMERROR" or "SYSTEM_ERROR" or "BANKERROR" or "BANK_ERROR" => WeChatPayCodeClass.Busy,
        "FREQUENCY_LIMITED" or "FREQUENCY_LIMIT_EXCEED" or "RATELIMIT_EXCEEDED" or "INVALID_REQ_TOO_MUCH" => WeChatPayCodeClass.Busy,
        "INVALID_REQUEST" or "PARAM_ERROR" or "LACK_PARAMS" or "XML_FORMAT_ERROR" or "NOT_UTF8" => WeChatPayCodeClass.OurFault,
        "POST_DATA_EMPTY" or "REQUIRE_POST_METHOD" or "CERT_ERROR" => WeChatPayCodeClass.OurFault,
        "SIGNERROR" or "SIGN_ERROR" => WeChatPayCodeClass.OurFault,
        "APPID_NOT_EXIST" or "MCHID_NOT_EXIST" or "APPID_MCHID_NOT_MATCH" or "NOAUTH" or "NO_AUTH" => WeChatPayCodeClass.OurFault,
        "ORDERPAID" or "OUT_TRADE_NO_USED" or "ORDERCLOSED" or "ORDER_CLOSED" or "ALREADY_EXISTS" => WeChatPayCodeClass.OrderStands,
        "ORDERNOTEXIST" or "ORDER_NOT_EXIST" => WeChatPayCodeClass.NoSuchOrder,
        _ when ReasonOf(code) is not null => WeChatPayCodeClass.Member,
        _ => WeChatPayCodeClass.Unknown,
    };

    /// <summary>Why the member or the agreement was refused; null for codes that do not say so.</summary>
    public static DeclineReason? ReasonOf(string code) => code switch
    {
        "NOTENOUGH" or "NOT_ENOUGH" => DeclineReason.InsufficientFunds,
        "RULELIMIT" or "RULE_LIMIT" => DeclineReason.LimitReached,
        "USER_ACCOUNT_ABNORMAL" or "ACCOUNTERROR" or "USER_NOT_EXIST" => DeclineReason.AccountAbnormal,
        "CONTRACT_NOT_EXIST" or "CONTRACTERROR" or "CONTRACT_ERROR" => DeclineReason.AgreementNotInForce,
        "BANKERROR" or "BANK_ERROR" => DeclineReason.BankFault,
        "ORDERCLOSED" => DeclineReason.OrderClosed,
        "TRADE_ERROR" => DeclineReason.Other,
        _ => null,
    };

    /// <summary>Why an order that certainly failed did fail: by its code, else by a few words the rail uses.</summary>
    /// <remarks>The words are not stable, so they choose between dunning steps and never whether an order failed.</remarks>
    public static DeclineReason ReasonOf(string code, string description) => ReasonOf(code) ?? description switch
    {
        _ when description.Contains("余额") || description.Contains("资金不足") => DeclineReason.InsufficientFunds,
        _ when description.Contains("限额") || description.Contains("超出") || description.Contains("上限") => DeclineReason.LimitReached,
        _ when description.Contains("注销") || description.Contains("账户异常") || description.Contains("冻结") => DeclineReason.AccountAbnormal,
        _ when description.Contains("解约") || description.Contains("协议") => DeclineReason.AgreementNotInForce,
        _ => DeclineReason.Other,
    };

    /// <summary>Whether an answer says the member already holds an agreement on the template.</summary>
    public static bool IsAlreadySigned(string code) => code is "CONTRACT_EXISTED" or "CONTRACT_EXIST" or "ALREADY_SIGNED";

    /// <summary>Whether an answer says there is no such agreement; <c>-25</c> with RESULT NULL is what the rail sends in practice.</summary>
    public static bool IsNoSuchContract(string code, string description) =>
        code is "-25" or "CONTRACT_NOT_EXIST" || description.Contains("RESULT NULL", StringComparison.OrdinalIgnoreCase);
}
