using Renewals.Core.Charging;

namespace Renewals.Gateways.Alipay;

/// <summary>What the code of a refused deduction asks for. A code that is not in the table is never acted upon.</summary>
internal enum AlipayCodeClass
{
    /// <summary>Not known, or the rail does not know itself: ask.</summary>
    Unknown = 0,

    /// <summary>The order is paid already: ask, and book it.</summary>
    AlreadyPaid = 1,

    /// <summary>The member's means; may work later.</summary>
    BuyerRetry = 2,

    /// <summary>Only the member can lift it.</summary>
    BuyerStop = 3,

    /// <summary>The agreement is gone or suspended.</summary>
    AgreementDead = 4,

    /// <summary>Against the agreed dates or amounts.</summary>
    PlanViolation = 5,

    /// <summary>The number stands for another or an ended order: ask.</summary>
    NewOrderNumber = 6,

    /// <summary>Our message.</summary>
    RequestBug = 7,

    /// <summary>The merchant's contract, account or quota.</summary>
    MerchantStop = 8,

    /// <summary>The rail's risk control.</summary>
    RiskStop = 9,

    /// <summary>The rail's limits of attempts and volume.</summary>
    AttemptCap = 10,

    /// <summary>Belongs to another product: our message was built wrongly.</summary>
    NotApplicable = 11,
}

/// <summary>The error codes of Alipay: 95 of <c>alipay.trade.pay</c>, and the ends of sets the other methods have.</summary>
internal static class AlipayCodes
{
    /// <summary>The codes of the gateway itself: it did not pass the call on. 20000 and 40004 are not of them.</summary>
    public static bool IsGatewayFault(string code) => code is "20001" or "40001" or "40002" or "40003" or "40006";

    /// <summary>Whether a code says only that the rail was busy, in all its spellings; the misspelt ones are the rail's own.</summary>
    public static bool IsBusy(string code, string subCode) => code is "20000" or "40005"
        || subCode.EndsWith("SYSTEM_ERROR", StringComparison.Ordinal) || subCode.EndsWith("ENTERPRISE_PAY_BIZ_ERROR", StringComparison.Ordinal)
        || subCode is "UNKNOWN_ERROR" or "isp.unknow-error" or "aop.unknow-error" or "ACQ.REFUND_CHARGE_ERROR";

    /// <summary>Whether a code says that there is no such agreement, or no longer.</summary>
    public static bool IsNoAgreement(string subCode) => subCode is "USER_AGREEMENT_NOT_EXIST" or "AGREEMENT_NOT_EXIST" or "AGREEMENT_NOT_EXSIT";

    /// <summary>Whether a code says that there is no such order.</summary>
    public static bool IsNoOrder(string subCode) => subCode is "ACQ.TRADE_NOT_EXIST" or "TRADE_NOT_EXIST";

    /// <summary>What a code of a deduction asks for.</summary>
    public static AlipayCodeClass ClassOf(string subCode) => subCode switch
    {
        "ACQ.SYSTEM_ERROR" or "ACQ.TRADE_STATUS_ERROR" => AlipayCodeClass.Unknown,
        "ACQ.TRADE_HAS_SUCCESS" => AlipayCodeClass.AlreadyPaid,
        "ACQ.BUYER_BALANCE_NOT_ENOUGH" or "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH" or "ACQ.PAYMENT_FAIL" => AlipayCodeClass.BuyerRetry,
        "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" or "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE" => AlipayCodeClass.BuyerRetry,
        "ACQ.ERROR_BALANCE_PAYMENT_DISABLE" or "ACQ.BUYER_ENABLE_STATUS_FORBID" or "ACQ.MOBILE_PAYMENT_SWITCH_OFF" => AlipayCodeClass.BuyerStop,
        "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR" or "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT" => AlipayCodeClass.BuyerStop,
        "ACQ.NOT_SUPPORT_PAYMENT_INST" or "ACQ.BUYER_NOT_MAINLAND_CERT" => AlipayCodeClass.BuyerStop,
        "ACQ.NOT_CERTIFIED_USER" or "ACQ.USER_LOGONID_DUP" => AlipayCodeClass.BuyerStop,
        "ACQ.AGREEMENT_NOT_EXIST" or "ACQ.AGREEMENT_INVALID" => AlipayCodeClass.AgreementDead,
        "ACQ.AGREEMENT_STATUS_NOT_NORMAL" or "ACQ.BUYER_NOT_EXIST" => AlipayCodeClass.AgreementDead,
        "ACQ.CYCLE_PAY_DATE_NOT_MATCH" or "ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED" or "ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED" => AlipayCodeClass.PlanViolation,
        "ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED" or "ACQ.RESTRICTED_MERCHANT_INDUSTRY" => AlipayCodeClass.PlanViolation,
        "ACQ.CONTEXT_INCONSISTENT" or "ACQ.TRADE_HAS_CLOSE" or "ACQ.TRADE_BUYER_NOT_MATCH" => AlipayCodeClass.NewOrderNumber,
        "ACQ.PAYMENT_REQUEST_HAS_RISK" => AlipayCodeClass.RiskStop,
        "ACQ.OVER_MAX_DEDUCT_COUNT" or "ACQ.OVER_MAX_UNDER_WAY_DEDUCT_COUNT" or "ACQ.OVER_DEDUCT_PERIOD" => AlipayCodeClass.AttemptCap,
        "ACQ.OVER_MERCHANT_DAILY_DEDUCT_AMOUNT" => AlipayCodeClass.AttemptCap,
        _ when IsRequestBug(subCode) => AlipayCodeClass.RequestBug,
        _ when IsMerchantStop(subCode) => AlipayCodeClass.MerchantStop,
        _ when IsNotApplicable(subCode) => AlipayCodeClass.NotApplicable,
        _ => AlipayCodeClass.Unknown,
    };

    /// <summary>Why the member, the agreement or the plan was refused; null for codes that are not theirs.</summary>
    public static DeclineReason? ReasonOf(string subCode) => (subCode, ClassOf(subCode)) switch
    {
        ("ACQ.BUYER_BALANCE_NOT_ENOUGH" or "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", _) => DeclineReason.InsufficientFunds,
        ("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" or "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", _) => DeclineReason.LimitReached,
        ("ACQ.PAYMENT_FAIL" or "ACQ.CYCLE_PAY_DATE_NOT_MATCH" or "ACQ.OVER_DEDUCT_PERIOD", _) => DeclineReason.Other,

        // The merchant's volume of a day, not the member's.
        ("ACQ.OVER_MERCHANT_DAILY_DEDUCT_AMOUNT", _) => null,

        // Passed while the message was under way, or an earlier try stands: what the order came to, only a query tells.
        ("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", _) => DeclineReason.OrderClosed,
        (_, AlipayCodeClass.BuyerRetry or AlipayCodeClass.BuyerStop) => DeclineReason.AccountAbnormal,
        (_, AlipayCodeClass.AgreementDead) => DeclineReason.AgreementNotInForce,
        (_, AlipayCodeClass.PlanViolation or AlipayCodeClass.AttemptCap) => DeclineReason.LimitReached,
        (_, AlipayCodeClass.RiskStop) => DeclineReason.Other,
        _ => null,
    };

    private static bool IsRequestBug(string subCode) => subCode is
        "ACQ.INVALID_PARAMETER" or "ACQ.EXIST_FORBIDDEN_WORD" or "ACQ.TOTAL_FEE_EXCEED" or "ACQ.BUYER_SELLER_EQUAL" or "ACQ.INVALID_STORE_ID"
        or "ACQ.SUB_MERCHANT_TYPE_INVALID" or "ACQ.AMOUNT_OR_CURRENCY_ERROR" or "ACQ.INVALID_RECEIVE_ACCOUNT" or "ACQ.SELLER_NOT_EXIST"
        or "ACQ.AGREEMENT_ERROR" or "ACQ.PAYER_UNMATCHED" or "ACQ.SECONDARY_MERCHANT_ID_INVALID" or "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"
        or "ACQ.SECONDARY_MERCHANT_NOT_MATCH" or "ACQ.REQUEST_AMOUNT_EXCEED" or "ACQ.SUB_GOODS_SIZE_MAX_COUNT" or "ACQ.SECONDARY_MERCHANT_ID_BLANK"
        or "ACQ.TRADE_SETTLE_ERROR" or "ACQ.AUTH_TOKEN_IS_NOT_EXIST" or "ACQ.PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID"
        or "ACQ.ROYALTY_ACCOUNT_NOT_EXIST" or "ACQ.RISK_MERCHANT_IP_NOT_EXIST";

    private static bool IsMerchantStop(string subCode) => subCode is
        "ACQ.ACCESS_FORBIDDEN" or "ACQ.PARTNER_ERROR" or "ACQ.BEYOND_PAY_RESTRICTION" or "ACQ.BEYOND_PER_RECEIPT_RESTRICTION"
        or "ACQ.SELLER_BEEN_BLOCKED" or "ACQ.SUB_MERCHANT_CREATE_FAIL" or "ACQ.MERCHANT_AGREEMENT_NOT_EXIST" or "ACQ.MERCHANT_AGREEMENT_INVALID"
        or "ACQ.MERCHANT_STATUS_NOT_NORMAL" or "ACQ.CURRENCY_NOT_SUPPORT" or "ACQ.SECONDARY_MERCHANT_STATUS_ERROR" or "ACQ.PRODUCT_AMOUNT_LIMIT_ERROR"
        or "ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID" or "ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION"
        or "ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT" or "ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION" or "ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT"
        or "ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT" or "ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT" or "ACQ.UN_SUPPORT_TRADE_SCENE";

    private static bool IsNotApplicable(string subCode) => subCode is
        "ACQ.PAYMENT_AUTH_CODE_INVALID" or "ACQ.PULL_MOBILE_CASHIER_FAIL" or "ACQ.USER_FACE_PAYMENT_SWITCH_OFF" or "ACQ.CARD_USER_NOT_MATCH"
        or "ACQ.CARD_TYPE_ERROR" or "ACQ.CERT_EXPIRED" or "ACQ.MERCHANT_UNSUPPORT_ADVANCE" or "ACQ.BUYER_UNSUPPORT_ADVANCE"
        or "ACQ.ORDER_UNSUPPORT_ADVANCE" or "ACQ.AUTH_NO_ERROR" or "ACQ.AUTH_AMOUNT_NOT_ENOUGH" or "ACQ.PRE_AUTH_PROD_CODE_INCONSISTENT"
        or "ACQ.SMILE_PAY_MERCHANT_NOT_MATCH" or "ACQ.AUTH_ORDER_NOT_PAID" or "ACQ.AUTH_ORDER_HAS_FINISHED" or "ACQ.AUTH_ORDER_HAS_CLOSED"
        or "ACQ.ZM_AUTH_AMOUNT_EXCEED" or "ACQ.ZM_CREDIT_AUTH_FAIL" or "ACQ.ZM_AUTH_RULE_LIMIT";
}
