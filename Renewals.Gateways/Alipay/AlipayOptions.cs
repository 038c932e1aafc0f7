using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Files;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.Alipay;

/// <summary>Which contract the merchant has: the <c>product_code</c> of agreements and deductions.</summary>
public enum AlipayProduct
{
    /// <summary>商家扣款, the current contract: <c>GENERAL_WITHHOLDING</c>.</summary>
    MerchantDeduction = 0,

    /// <summary>周期扣款, the older one: <c>CYCLE_PAY_AUTH</c>.</summary>
    PeriodicDeduction = 1,
}

/// <summary>What a member in a browser outside the wallet is given to sign.</summary>
public enum AlipayBrowserPage
{
    /// <summary>A link that opens the wallet (<c>alipays://</c>) on the signing page, as the guide of the product shows.</summary>
    WalletLink = 0,

    /// <summary>The https address of the signing page.</summary>
    WebPage = 1,

    /// <summary>The https address as a QR code, for a large screen.</summary>
    QrCode = 2,
}

/// <summary>One merchant account at Alipay. Checked at start; a message names the field that is wrong.</summary>
public sealed class AlipayOptions
{
    /// <summary>The rail's short name in a <see cref="MerchantAccount"/>.</summary>
    public const string Rail = "alipay";

    /// <summary>Where the rail answers. Default <c>https://openapi.alipay.com/gateway.do</c>.</summary>
    public Uri Gateway { get; set; } = new("https://openapi.alipay.com/gateway.do");

    /// <summary>The seller (pid, 商家账号): 16 digits that begin with 2088. Required.</summary>
    public string SellerId { get; set; } = "";

    /// <summary>The app the agreements belong to: 16 digits. Required.</summary>
    public string AppId { get; set; } = "";

    /// <summary>The app's RSA private key: base 64 or PEM, PKCS#8 or PKCS#1, 2,048 bits or more. Required.</summary>
    public string AppPrivateKey { get; set; } = "";

    /// <summary>Alipay's public key (支付宝公钥), base 64 or PEM. Required in key mode, empty in certificate mode.</summary>
    public string AlipayPublicKey { get; set; } = "";

    /// <summary>The app's certificate (应用公钥证书), PEM. Setting it chooses certificate mode. Default none.</summary>
    public string AppCertificatePem { get; set; } = "";

    /// <summary>Alipay's certificates (支付宝公钥证书), PEM, each with those that lead to the root after it. Default none: they are downloaded.</summary>
    public IList<string> AlipayCertificatesPem { get; } = [];

    /// <summary>Alipay's root certificates (支付宝根证书), the whole file, PEM. Required in certificate mode.</summary>
    public string RootCertificatesPem { get; set; } = "";

    /// <summary>The key of content encryption (接口内容加密): base 64 of 16 bytes. Default none: contents are sent in clear.</summary>
    public string? AesKey { get; set; }

    /// <summary>For a third-party app that acts for a merchant: <c>app_auth_token</c>. Default none.</summary>
    public string? AppAuthToken { get; set; }

    /// <summary>The merchant's own app, <c>auth_app_id</c> of notifications to a third-party app. Default <see cref="AppId"/>.</summary>
    public string? AuthAppId { get; set; }

    /// <summary>
    /// Where the rail calls us back, for everything: absolute, at most 256 characters. Required. The app's gateway address (应用网关) must be
    /// set to it at Alipay as well: only there does the rail tell of members who end an agreement in the wallet.
    /// </summary>
    public Uri? NotifyUrl { get; set; }

    /// <summary>Where the browser returns after signing. Default none.</summary>
    public Uri? ReturnUrl { get; set; }

    /// <summary>The contract. Default <see cref="AlipayProduct.MerchantDeduction"/>, which new merchants get.</summary>
    public AlipayProduct Product { get; set; } = AlipayProduct.MerchantDeduction;

    /// <summary>What a browser outside the wallet is given. Default <see cref="AlipayBrowserPage.WalletLink"/>.</summary>
    public AlipayBrowserPage BrowserPage { get; set; } = AlipayBrowserPage.WalletLink;

    /// <summary>How long a signing page can be opened after it was made (<c>effect_time</c>). Default 2 h; 1 min to 24 h, the rail's most.</summary>
    public Duration SigningLifetime { get; set; } = Duration.FromHours(2);

    /// <summary>
    /// How many days before its next date (<c>next_deduct_time</c>) the rail takes a charge. Default 5, the newest official answer; older
    /// contracts are said to have 3. 2 to 5, and not less than <see cref="PlanRetryDays"/>.
    /// </summary>
    public int PlanWindowDays { get; set; } = 5;

    /// <summary>
    /// How many days after the due day the rail's date is laid. Default 2: the due day then lies in a window of three days as well as in
    /// one of five. 0 to <see cref="PlanWindowDays"/>.
    /// </summary>
    public int PlanRetryDays { get; set; } = 2;

    /// <summary>
    /// How long an order can be paid after it was made (<c>time_expire</c>). Default 2 h; 2 min to 15 days, the rail's own default. Short is
    /// safe: a refused deduction may leave an open order, and only its end proves that it takes nothing any more.
    /// </summary>
    public Duration OrderLifetime { get; set; } = Duration.FromHours(2);

    /// <summary>How long a query for an order is believed. Default 90 days: our own bound, the rail publishes none. 1 day to a year.</summary>
    public Duration RemembersOrders { get; set; } = Duration.FromDays(90);

    /// <summary>How long "no such order" is not believed. Default 5 min; the rail says only "wait and ask again". 1 min to 1 h.</summary>
    public Duration SettleDelay { get; set; } = Duration.FromMinutes(5);

    /// <summary>First local time of charges. Default midnight: the rail keeps no hours.</summary>
    public LocalTime OpensAt { get; set; } = LocalTime.Midnight;

    /// <summary>
    /// Last local time of charges, exclusive. Default 23:30: the rail judges the date when it executes, so none is sent close to midnight.
    /// </summary>
    public LocalTime ClosesAt { get; set; } = new(23, 30);

    /// <summary>
    /// How long after signing the first charge needs no notice. Default 12 h; 0 to 24 h. The rail has no such rule: the member has just
    /// agreed to amount and date on its page. Short is safe, because the law asks for a notice before a renewal.
    /// </summary>
    public Duration SigningConsent { get; set; } = Duration.FromHours(12);

    /// <summary>
    /// How old a notification may be, by its <c>notify_time</c>. Default 26 h: the rail delivers for about 25 h, and whether a later
    /// delivery has a new time is not published. 1 to 72 h.
    /// </summary>
    public Duration NotificationLifetime { get; set; } = Duration.FromHours(26);

    /// <summary>
    /// How long after a day's statement should be there its absence is taken for a day without business; the rail says the same of both.
    /// Default 24 h; 0 to 7 days.
    /// </summary>
    public Duration StatementGrace { get; set; } = Duration.FromHours(24);

    /// <summary>From this local time of the next day a statement can be had. Default 10:00; the rail says usually about 09:00.</summary>
    public LocalTime StatementReadyAt { get; set; } = new(10, 0);

    /// <summary>The largest statement that is read, unpacked. Default 512 MiB; 1 MiB to 2 GiB. It is streamed, never held.</summary>
    public long MaxStatementBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>The most characters of one line of a statement. Default 65,536; 1,024 to 1,048,576.</summary>
    public int MaxStatementLine { get; set; } = BoundedLines.Default;

    /// <summary>The largest statement that is downloaded, packed. Default 128 MiB; 1 MiB to 1 GiB.</summary>
    public int MaxDownloadBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>How long a statement may take to arrive once it has begun. Default 5 min; 1 s to 1 h.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time-outs, repeats, rate and breaker.</summary>
    public ResilienceOptions Resilience { get; } = new();

    /// <summary>The account these options are of.</summary>
    public MerchantAccount Account => new(Rail, SellerId);

    /// <summary>Whether keys are exchanged as certificates.</summary>
    internal bool UsesCertificates => AppCertificatePem.Length > 0;

    /// <summary>The wire's word for the contract.</summary>
    internal string ProductCode => Product switch
    {
        AlipayProduct.MerchantDeduction => "GENERAL_WITHHOLDING",
        AlipayProduct.PeriodicDeduction => "CYCLE_PAY_AUTH",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What the rail allows, remembers and requires under these options.</summary>
    internal RailTraits Traits() => new()
    {
        Resend = Resend.SameOrder,
        RemembersOrders = RemembersOrders,
        SettleDelay = SettleDelay,
        AbsenceProof = AbsenceProof.Query,
        CallTimeout = Duration.FromTimeSpan(Resilience.TotalTimeout),
        Notice = null,
        ChargeDelay = Duration.Zero,
        OpensAt = OpensAt,
        ClosesAt = ClosesAt,
        SigningConsent = SigningConsent,
        Plan = new RailPlanRule(PlanWindowDays, PlanRetryDays, AlipaySigningMessages.LastDayOfMonth),
        OrderLifetime = OrderLifetime,

        // period_rule_params: period_type, period and single_amount are agreed.
        FixesInterval = true,
        FixesCeiling = true,
        CallbacksFreshFor = NotificationLifetime,
        StatementReadyAt = StatementReadyAt,
    };
}
