using System.Globalization;
using Renewals.Core.Gateways;

namespace Renewals.Gateways.WeChatPay;

/// <summary>Builds what is sent or shown to sign an agreement (签约): one method per way, exactly the fields its page lists.</summary>
/// <remarks>The signing pages answer "parameter construction error" to any field they do not list.</remarks>
internal sealed class WeChatPaySigningMessages(WeChatPayOptions options)
{
    /// <summary>The rail's own mini program, which a mini program opens to sign.</summary>
    public const string SigningMiniProgram = "wxbd687630cd02ce1d";

    /// <summary>The page of it.</summary>
    public const string SigningMiniProgramPath = "pages/index/index";

    private readonly WeChatPaySealer sealer = new(options);

    /// <summary>Inside the wallet's browser (公众号纯签约): the address the member is sent to.</summary>
    public Uri EntrustWeb(SigningRequest request)
    {
        var message = sealer.Seal("/papay/entrustweb", WeChatPaySignType.Md5,
            [.. Contract(request), ("version", "1.0"), ("return_web", options.ReturnAfterSigning ? "1" : null)]);
        return new Uri(options.BaseAddress, $"{message.Path}?{message.ToQuery()}#wechat_redirect");
    }

    /// <summary>From the merchant's app (APP纯签约): asks for a session.</summary>
    public WeChatPayMessage PreEntrustWeb(SigningRequest request) => sealer.Seal("/papay/preentrustweb", options.SignType,
    [
        .. Contract(request), ("version", "1.0"), ("sign_type", WeChatPaySealer.SignTypeField(options.SignType)),
        ("return_app", options.ReturnAfterSigning ? "Y" : null),
    ]);

    /// <summary>From a browser outside the wallet (H5纯签约): always HMAC-SHA256, without a <c>sign_type</c>.</summary>
    public WeChatPayMessage H5EntrustWeb(SigningRequest request) => sealer.Seal("/papay/h5entrustweb", WeChatPaySignType.HmacSha256,
        [.. Contract(request), ("version", "1.0"), ("clientip", request.ClientAddress)]);

    /// <summary>From a mini program (小程序纯签约): no call, only parameters; no <c>version</c>.</summary>
    public SigningPage.MiniProgram MiniProgram(SigningRequest request) => new(
        SigningMiniProgram, SigningMiniProgramPath,
        sealer.Seal("", WeChatPaySignType.Md5, Contract(request)).Fields.ToDictionary(StringComparer.Ordinal));

    /// <summary>Pay the first period and sign in one step (支付中签约). Always MD5: the page lists no <c>sign_type</c>.</summary>
    public WeChatPayMessage ContractOrder(SigningRequest request, FirstPaymentOrder first) => sealer.Seal("/pay/contractorder", WeChatPaySignType.Md5,
    [
        ("appid", options.AppId), ("mch_id", options.MchId), ("contract_mchid", options.MchId), ("contract_appid", options.AppId),
        ("out_trade_no", first.Number.ToString()),
        ("nonce_str", sealer.DerivedNonce("contractorder", first.Number.ToString())),
        ("body", first.Subject),
        ("notify_url", NotifyUrl),
        ("total_fee", first.Amount.MinorUnits.ToString(CultureInfo.InvariantCulture)),
        ("fee_type", first.Amount.Currency),
        ("spbill_create_ip", request.ClientAddress ?? options.ServerAddress),
        ("time_start", WeChatPayWire.CompactTime(request.StartedAt)),
        ("time_expire", WeChatPayWire.CompactTime(first.ExpiresAt)),
        ("trade_type", TradeType(request.Scene)),
        ("openid", TradeType(request.Scene) == "JSAPI" ? request.PayerId : null),
        ("plan_id", request.Template),
        ("contract_code", request.Agreement.SigningCode),
        ("request_serial", WeChatPaySealer.RequestSerial(request.Agreement)),
        ("contract_display_account", request.DisplayAccount),
        ("contract_notify_url", NotifyUrl),
    ]);

    /// <summary>What the page or mini program passes to the wallet to pay, signed anew: the answer's own signature is not for this.</summary>
    public SigningPage.SdkParameters PagePayment(SigningRequest request, FirstPaymentOrder first, string prepayId) => Sdk("paySign",
        ("appId", options.AppId),
        ("timeStamp", Seconds(request)),
        ("nonceStr", sealer.DerivedNonce("pay-page", first.Number.ToString())),
        ("package", $"prepay_id={prepayId}"),
        ("signType", WeChatPaySignType.Md5.WireName()));

    /// <summary>What the app passes to the rail's SDK to pay, signed anew.</summary>
    public SigningPage.SdkParameters AppPayment(SigningRequest request, FirstPaymentOrder first, string prepayId) => Sdk("sign",
        ("appid", options.AppId),
        ("partnerid", options.MchId),
        ("prepayid", prepayId),
        ("package", "Sign=WXPay"),
        ("noncestr", sealer.DerivedNonce("pay-app", first.Number.ToString())),
        ("timestamp", Seconds(request)));

    /// <summary>What the app passes to the rail's SDK to open the signing page; 12 is the SDK's number of that page.</summary>
    public static SigningPage.SdkParameters AppSigning(string session) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["businessType"] = "12", ["pre_entrustweb_id"] = session,
    });

    private string NotifyUrl => options.NotifyUrl!.OriginalString;

    private static string TradeType(SigningScene scene) => scene switch
    {
        SigningScene.OfficialAccount or SigningScene.MiniProgram => "JSAPI",
        SigningScene.App => "APP",
        SigningScene.MobileBrowser => "MWEB",
        _ => throw new ArgumentOutOfRangeException(nameof(scene), scene, "There are four scenes."),
    };

    private static string Seconds(SigningRequest request) => request.StartedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private IEnumerable<(string Name, string? Value)> Contract(SigningRequest request) =>
    [
        ("appid", options.AppId), ("mch_id", options.MchId), ("plan_id", request.Template),
        ("contract_code", request.Agreement.SigningCode),
        ("request_serial", WeChatPaySealer.RequestSerial(request.Agreement)),
        ("contract_display_account", request.DisplayAccount),
        ("notify_url", NotifyUrl),
        ("timestamp", Seconds(request)),
    ];

    private SigningPage.SdkParameters Sdk(string signName, params (string Name, string? Value)[] fields)
    {
        var values = fields.ToDictionary(field => field.Name, field => field.Value!, StringComparer.Ordinal);
        values[signName] = WeChatPaySigner.Sign(values, options.ApiV2Key, WeChatPaySignType.Md5);
        return new(values);
    }
}
