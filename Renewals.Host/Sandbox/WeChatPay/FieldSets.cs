namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>The parameter tables of the calls (WeChat Pay papay and API v2/v3 pages).</summary>
internal static class FieldSets
{
    private static readonly string[] Common = ["appid! s32", "mch_id! s32", "nonce_str! s32", "sign! s64", "sign_type? =MD5|HMAC-SHA256"];

    /// <summary>Risk hints of older pages, still taken.</summary>
    private static readonly string[] Hints =
        ["clientip? s64", "deviceid? s128", "mobile? s32", "email? s128", "qq? s32", "openid? s128", "creid? s64", "outerid? s128"];

    private static readonly string[] SignTemplate =
        ["plan_id! n", "contract_code! c128", "request_serial! n", "contract_display_account! a128"];

    private static readonly string[] PureSign =
    [
        "appid! s32", "mch_id! s32", .. SignTemplate, "notify_url! u", "version! =1.0", "timestamp! d10", "sign! s64", .. Hints,
    ];

    public static readonly FieldSet EntrustWeb = FieldSet.Of([.. PureSign, "return_web? =1"]);

    public static readonly FieldSet PreEntrustWeb =
        FieldSet.Of([.. PureSign, "sign_type? =MD5|HMAC-SHA256", "return_app? =Y"]);

    public static readonly FieldSet H5EntrustWeb =
        FieldSet.OfHmac([.. Without("clientip"), "clientip! s32", "return_appid? s32"]);

    public static readonly FieldSet MiniProgram =
        FieldSet.Of([.. Without("version")]);

    public static readonly FieldSet ContractOrder = FieldSet.Of(
    [
        .. Common, "contract_mchid! s32", "contract_appid! s32", "out_trade_no! o32", "device_info? s32", "body! s127", "detail? s8192",
        "attach? s127", "notify_url! u", "total_fee! m", "fee_type? =CNY", "spbill_create_ip! s64", "time_start? d14", "time_expire? d14",
        "goods_tag? s32", "trade_type! =JSAPI|NATIVE|APP|MWEB", "product_id? s32", "limit_pay? =no_credit", "openid? s128", .. SignTemplate,
        "contract_notify_url! u",
    ]);

    private static readonly string[] ContractKey =
    [
        "appid! s32", "mch_id! s32", "version! =1.0", "sign! s64", "contract_id? s32", "plan_id? n", "contract_code? c128",
    ];

    public static readonly FieldSet QueryContract = FieldSet.Of(ContractKey);

    public static readonly FieldSet DeleteContract = FieldSet.Of([.. ContractKey, "contract_termination_remark! s512"]);

    public static readonly FieldSet Apply = FieldSet.Of(
    [
        .. Common, "body! s127", "detail? s8192", "attach? s128", "out_trade_no! o32", "total_fee! m", "fee_type? =CNY",
        "spbill_create_ip? s64", "goods_tag? s32", "notify_url! u", "trade_type! =PAP", "contract_id! s32", "receipt? =Y",
        "scene_info? s512", "timestamp? d10", .. Hints,
    ]);

    public static readonly FieldSet OrderQuery = FieldSet.Of([.. Common, "transaction_id? s32", "out_trade_no? o32"]);

    public static readonly FieldSet CloseOrder = FieldSet.Of([.. Common, "out_trade_no! o32"]);

    public static readonly FieldSet Refund = FieldSet.Of(
    [
        .. Common, "transaction_id? s32", "out_trade_no? o32", "out_refund_no! o64", "total_fee! m", "refund_fee! m",
        "refund_fee_type? =CNY", "refund_desc? s80",
        "refund_account? =REFUND_SOURCE_UNSETTLED_FUNDS|REFUND_SOURCE_RECHARGE_FUNDS", "notify_url? u",
    ]);

    public static readonly FieldSet RefundQuery =
        FieldSet.Of([.. Common, "refund_id? s32", "out_refund_no? o64", "transaction_id? s32", "out_trade_no? o32", "offset? n"]);

    public static readonly FieldSet DownloadBill =
        FieldSet.Of([.. Common, "bill_date! d8", "bill_type? =ALL|SUCCESS|REFUND|RECHARGE_REFUND", "tar_type? =GZIP"]);

    public static readonly FieldSet Notice = FieldSet.Of(
        "mchid! s32", "appid! s32", "estimated_amount.amount! m", "estimated_amount.currency? =CNY", "deduct_duration.count? m",
        "deduct_duration.unit? =DAY");

    public static readonly FieldSet FailNotice = FieldSet.Of("mchid! s32", "appid! s32");

    public static readonly FieldSet V3Refund = FieldSet.Of(
        "transaction_id? s32", "out_trade_no? o32", "out_refund_no! o64", "reason? s80", "notify_url? u", "funds_account? =AVAILABLE",
        "amount.refund! m", "amount.total! m", "amount.currency! =CNY");

    public static readonly FieldSet Empty = FieldSet.Of();

    private static IEnumerable<string> Without(string name) => PureSign.Where(line => !line.StartsWith(name, StringComparison.Ordinal));
}
