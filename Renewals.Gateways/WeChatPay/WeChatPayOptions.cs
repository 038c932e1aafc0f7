using System.Security.Cryptography.X509Certificates;
using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Files;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.WeChatPay;

/// <summary>How the rail tells the member of a charge: a setting of the template at WeChat Pay, one or the other, never both.</summary>
public enum WeChatPayNoticeMode
{
    /// <summary>We send a notice two days before and charge inside the window it opens (预扣费通知).</summary>
    PreNotice = 0,

    /// <summary>The rail tells the member when we apply and charges 24 hours later by itself (通知后24小时扣费).</summary>
    TwentyFourHours = 1,
}

/// <summary>Which interface gives money back.</summary>
public enum WeChatPayRefundInterface
{
    /// <summary>API v3, which needs no client certificate.</summary>
    V3 = 0,

    /// <summary>API v2, which needs <see cref="WeChatPayOptions.ClientCertificate"/>.</summary>
    V2WithCertificate = 1,
}

/// <summary>One merchant account at WeChat Pay. Checked at start; a message names the field that is wrong.</summary>
public sealed class WeChatPayOptions
{
    /// <summary>The rail's short name in a <see cref="MerchantAccount"/>.</summary>
    public const string Rail = "wechat";

    /// <summary>Where the rail answers. Default the main host; the backup is <c>https://api2.mch.weixin.qq.com</c>.</summary>
    public Uri BaseAddress { get; set; } = new("https://api.mch.weixin.qq.com");

    /// <summary>Merchant number (商户号), digits. Required.</summary>
    public string MchId { get; set; } = "";

    /// <summary>The app the agreements belong to; bound to the merchant number. Required.</summary>
    public string AppId { get; set; } = "";

    /// <summary>API v2 key (API密钥), 32 characters. Required.</summary>
    public string ApiV2Key { get; set; } = "";

    /// <summary>API v3 key, 32 characters. Required. Not the API v2 key.</summary>
    public string ApiV3Key { get; set; } = "";

    /// <summary>Serial of the merchant's API certificate, hexadecimal. Required.</summary>
    public string MerchantSerialNo { get; set; } = "";

    /// <summary>The merchant's RSA private key, PEM. Required.</summary>
    public string MerchantPrivateKeyPem { get; set; } = "";

    /// <summary>Client certificate with its private key, for <see cref="WeChatPayRefundInterface.V2WithCertificate"/>. Default none.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Platform certificates known from the start, PEM. Default none: they are downloaded.</summary>
    public IList<string> PlatformCertificatesPem { get; } = [];

    /// <summary>WeChat Pay public keys (微信支付公钥), PEM by their id <c>PUB_KEY_ID_…</c>. Default none.</summary>
    public IDictionary<string, string> PlatformPublicKeysPem { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether platform certificates are downloaded and kept fresh. Default yes; no is for accounts with a public key only.</summary>
    public bool DownloadPlatformCertificates { get; set; } = true;

    /// <summary>Where the rail calls us back, for everything: absolute, no query, at most 256 characters. Required.</summary>
    public Uri? NotifyUrl { get; set; }

    /// <summary>The IP address of this server, which the rail wants with every order (<c>spbill_create_ip</c>). Default 127.0.0.1.</summary>
    public string ServerAddress { get; set; } = "127.0.0.1";

    /// <summary>Signature method of API v2 calls that let the merchant choose. Default MD5, as the rail's.</summary>
    public WeChatPaySignType SignType { get; set; } = WeChatPaySignType.Md5;

    /// <summary>How the rail tells the member. Default <see cref="WeChatPayNoticeMode.PreNotice"/>; it must be the template's.</summary>
    public WeChatPayNoticeMode NoticeMode { get; set; } = WeChatPayNoticeMode.PreNotice;

    /// <summary>
    /// Days of <c>deduct_duration</c> in the rail's notice, 1 to 7. Default null: the field is not sent and the window is seven days.
    /// Only for accounts that were opened under the older rule.
    /// </summary>
    public int? DeductDurationDays { get; set; }

    /// <summary>Which interface gives money back. Default <see cref="WeChatPayRefundInterface.V3"/>.</summary>
    public WeChatPayRefundInterface RefundInterface { get; set; } = WeChatPayRefundInterface.V3;

    /// <summary>Whether the wallet returns to the page or app after signing. Default yes.</summary>
    public bool ReturnAfterSigning { get; set; } = true;

    /// <summary>First local time of notices and charges. Default 07:00, the rail's own.</summary>
    public LocalTime OpensAt { get; set; } = new(7, 0);

    /// <summary>Last local time of notices and charges, exclusive. Default 21:50: the rail's 22:00 less a margin for clocks and queues.</summary>
    public LocalTime ClosesAt { get; set; } = new(21, 50);

    /// <summary>How long after signing the first charge needs no notice. Default 11.5 h: the rail's 12 h less a margin; 0 to 12 h.</summary>
    public Duration SigningConsent { get; set; } = Duration.FromHours(11.5);

    /// <summary>The largest statement that is read, unpacked. Default 128 MiB; 1 MiB to 1 GiB.</summary>
    public int MaxStatementBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>The most characters of one line of a statement. Default 65,536; 1,024 to 1,048,576.</summary>
    public int MaxStatementLine { get; set; } = BoundedLines.Default;

    /// <summary>How long a statement may take to arrive once it has begun. Default 5 min; 1 s to 1 h.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time-outs, repeats, rate and breaker. The rail allows 150 applications a second.</summary>
    public ResilienceOptions Resilience { get; } = new();

    /// <summary>The account these options are of.</summary>
    public MerchantAccount Account => new(Rail, MchId);

    /// <summary>What the rail allows, remembers and requires under these options.</summary>
    internal RailTraits Traits()
    {
        var announced = NoticeMode == WeChatPayNoticeMode.PreNotice;
        return new()
        {
            Resend = Resend.SameOrder,
            RemembersOrders = Duration.FromDays(30),
            SettleDelay = Duration.FromMinutes(5),
            AbsenceProof = AbsenceProof.Query,
            CallTimeout = Duration.FromTimeSpan(Resilience.TotalTimeout),
            Notice = announced ? new RailNoticeRule(DaysBefore: 2, ChargeableDays: DeductDurationDays ?? 7) : null,
            ChargeDelay = announced ? Duration.Zero : Duration.FromHours(24),
            OpensAt = announced ? OpensAt : LocalTime.Midnight,
            ClosesAt = announced ? ClosesAt : LocalTime.MaxValue,
            SigningConsent = SigningConsent,

            // The template (plan_id) carries period and limits.
            FixesInterval = true,
            FixesCeiling = true,
            CallbacksFreshFor = WeChatPayV3Signer.FreshFor,

            // A periodic template takes one successful charge a day from a contract.
            OneTryADay = true,
        };
    }
}
