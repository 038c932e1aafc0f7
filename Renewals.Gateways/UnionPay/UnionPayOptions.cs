using NodaTime;
using Renewals.Core.Calendar;
using Renewals.Core.Gateways;
using Renewals.Gateways.Resilience;

namespace Renewals.Gateways.UnionPay;

/// <summary>One UnionPay merchant account for collection (银联代收). Checked at start; a message names the field that is wrong.</summary>
public sealed class UnionPayOptions
{
    /// <summary>The rail's short name in a <see cref="MerchantAccount"/>.</summary>
    public const string Rail = "unionpay";

    /// <summary>Where transactions go. Default production; the test platform is <c>https://gateway.test.95516.com</c>.</summary>
    public Uri GatewayAddress { get; set; } = new("https://gateway.95516.com");

    /// <summary>Where settlement files come from. Default production; the test platform is <c>https://filedownload.test.95516.com</c>.</summary>
    public Uri FileAddress { get; set; } = new("https://filedownload.95516.com");

    /// <summary>Merchant number (商户代码), 15 letters and digits. Required.</summary>
    public string MerId { get; set; } = "";

    /// <summary>How the merchant is registered. Default <see cref="UnionPayGeneration.C"/>. Never guessed: a wrong one is refused by the rail.</summary>
    public UnionPayGeneration Generation { get; set; } = UnionPayGeneration.C;

    /// <summary>Protocol version: 5.1.0 (default) or 5.0.0. Messages of another one are not believed.</summary>
    public string Version { get; set; } = UnionPaySigner.Version510;

    /// <summary>Character set of all messages: <c>UTF-8</c> (default) or <c>GBK</c>.</summary>
    public string Encoding { get; set; } = "UTF-8";

    /// <summary>How both sides sign. Default RSA with certificates. Messages signed otherwise are not believed.</summary>
    public UnionPaySignMethod SignMethod { get; set; } = UnionPaySignMethod.Rsa;

    /// <summary>The shared key of methods 11 and 12. Required with them.</summary>
    public string SecureKey { get; set; } = "";

    /// <summary>The merchant's key store (<c>.pfx</c>), as bytes; base64 in a configuration file. Required with RSA.</summary>
    public byte[] SigningKeyStore { get; set; } = [];

    /// <summary>The key store's password; the merchant portal allows at most 6 characters. Required with RSA.</summary>
    public string SigningKeyPassword { get; set; } = "";

    /// <summary>The pinned middle certificate (<c>acp_prod_middle.cer</c>), PEM. Required with RSA in 5.1.0.</summary>
    public string MiddleCertificatePem { get; set; } = "";

    /// <summary>The pinned root certificate (<c>acp_prod_root.cer</c>), PEM. Required with RSA in 5.1.0.</summary>
    public string RootCertificatePem { get; set; } = "";

    /// <summary>The platform's certificates for 5.0.0, PEM, found by their number. Required with RSA in 5.0.0.</summary>
    public IList<string> PlatformCertificatesPem { get; } = [];

    /// <summary>
    /// The rail's encryption certificate (<c>acp_prod_enc.cer</c>), PEM. Default none: sensitive fields are sent readable, inside TLS. Set
    /// it when the merchant has the permission for encrypted fields (敏感信息加密).
    /// </summary>
    public string EncryptionCertificatePem { get; set; } = "";

    /// <summary>Whether the encryption certificate is asked for at start and every day. Default no. Only with RSA and one to begin with.</summary>
    public bool UpdateEncryptionCertificate { get; set; }

    /// <summary>Whether only a certificate of 中国银联股份有限公司 signs for the platform. Default yes; no is for the old test platform.</summary>
    /// <remarks>Merchants' certificates come from the same authority: without this check any merchant could sign notifications.</remarks>
    public bool StrictOwner { get; set; } = true;

    /// <summary>Whether the pinned chain may be signed with SHA-1. Default no; yes is for the test platform.</summary>
    public bool AllowSha1Chain { get; set; }

    /// <summary>Where the rail calls us back: absolute, no query, at most 256 characters. Required.</summary>
    public Uri? NotifyUrl { get; set; }

    /// <summary>Where the member's browser returns after signing: absolute, at most 256 characters. It decides nothing. Required.</summary>
    public Uri? ReturnUrl { get; set; }

    /// <summary>How members come: 07 internet (default), 08 mobile.</summary>
    public string ChannelType { get; set; } = "07";

    /// <summary>
    /// <c>bizType</c> of establishing in generation B, where sources disagree: 000501 (default, that of its collections) or 000000.
    /// </summary>
    public string EstablishBizType { get; set; } = "000501";

    /// <summary>
    /// <c>bizType</c> of refunds and voids, where nothing is published for generation C. Default empty: that of the collection (000000 in
    /// C, 000501 in A and B).
    /// </summary>
    public string RefundBizType { get; set; } = "";

    /// <summary>Months an entrust of generation C is agreed for (<c>validMonth</c>). Default 120; 0 to 999, 0 has no end.</summary>
    /// <remarks>Bounded by default: an authority without an end outlives the merchant's knowledge of the member.</remarks>
    public int ValidMonths { get; set; } = 120;

    /// <summary>
    /// Successful collections agreed for each month, quarter or year of an entrust of generation C (<c>frequency</c>). Default 2; 1 to
    /// 9999.
    /// </summary>
    /// <remarks>
    /// One more than the plan needs: a charge that was given back and taken again, or a late one followed by a punctual one, falls into one
    /// calendar unit, and the rail would refuse the second. From 7 on missed periods can be charged late (<c>oldest-first</c>): a charge every five
    /// days, the shortest notice, is at most seven in a month. Generations A and B have no such terms on file.
    /// </remarks>
    public int CollectionsPerUnit { get; set; } = 2;

    /// <summary>Whether only debit cards are served. Default yes.</summary>
    /// <remarks>
    /// The rail takes any card. A signing whose answer or notification names another kind (<c>payCardType</c>) is treated as refused; where
    /// the rail does not name the kind, nothing can be checked. It cannot undo a collection.
    /// </remarks>
    public bool DebitCardsOnly { get; set; } = true;

    /// <summary>Whether a full refund is sent as a void (撤销) while the payment's clearing day lasts. Default no.</summary>
    /// <remarks>
    /// A void leaves no entry on the member's account and none in the settlement file, but some banks refuse it. The choice follows from the
    /// order alone: the payment's time is read from the rail's own number of it (<c>queryId</c>), whose shape nobody promises; another shape
    /// is refunded. What was sent as a void goes as a refund only after the rail said that the void failed, and the clearing day was over.
    /// </remarks>
    public bool VoidSameDay { get; set; }

    /// <summary>First local time of charges. Default 07:00, our choice: the rail publishes no hours.</summary>
    public LocalTime OpensAt { get; set; } = new(7, 0);

    /// <summary>Last local time of charges, exclusive. Default 22:30: clear of the end of the clearing day at 23:00.</summary>
    public LocalTime ClosesAt { get; set; } = new(22, 30);

    /// <summary>When the clearing day ends. Default 23:00, production; the test platform's ends about 13:30.</summary>
    public LocalTime ClearingDayEnds { get; set; } = new(23, 0);

    /// <summary>From this time of the next day the settlement file is there. Default 09:00, production; the test platform's is 17:00.</summary>
    public LocalTime StatementReadyAt { get; set; } = new(9, 0);

    /// <summary>
    /// How long after a day's settlement file should be there its absence (98) is taken for a day without business; the rail says the same of
    /// both. Default 24 h; 0 to 7 days. Shorter is dangerous: with such a day it is proved that an order took no money.
    /// </summary>
    public Duration StatementGrace { get; set; } = Duration.FromHours(24);

    /// <summary>How long queries are believed to find an order. Default 7 days, cautious: the rail publishes nothing; 1 to 365 days.</summary>
    public Duration RemembersOrders { get; set; } = Duration.FromDays(7);

    /// <summary>How long "no such order" is not even listened to after the last moment it could have been sent. Default 10 min; 1 min to 1 day.</summary>
    public Duration SettleDelay { get; set; } = Duration.FromMinutes(10);

    /// <summary>How long after signing the first charge needs no notice. Default 11.5 h, our choice: the rail has no such rule; 0 to 1 day.</summary>
    public Duration SigningConsent { get; set; } = Duration.FromHours(11.5);

    /// <summary>The largest settlement file that is read, unpacked. Default 128 MiB; 1 MiB to 1 GiB.</summary>
    public int MaxStatementBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>How long a settlement file may take to arrive once it has begun. Default 5 min; 1 s to 1 h.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time-outs, repeats, rate and breaker. Money calls are never repeated, whatever stands here.</summary>
    public ResilienceOptions Resilience { get; } = new();

    /// <summary>The account these options are of.</summary>
    public MerchantAccount Account => new(Rail, MerId);

    private const int LateChargesPerUnit = 7;

    /// <summary>What the rail allows, remembers and requires under these options.</summary>
    internal RailTraits Traits() => new()
    {
        Resend = Resend.Never,
        RemembersOrders = RemembersOrders,
        SettleDelay = SettleDelay,
        AbsenceProof = AbsenceProof.TwoStatements,
        CallTimeout = Duration.FromTimeSpan(Resilience.TotalTimeout),
        Notice = null,
        ChargeDelay = Duration.Zero,
        OpensAt = OpensAt,
        ClosesAt = ClosesAt,
        SigningConsent = SigningConsent,

        // Generation C agrees on how many collections a unit of time may have; no generation agrees on an amount.
        FixesInterval = Generation == UnionPayGeneration.C,
        CanAskForAgreements = Generation == UnionPayGeneration.A,
        SeveralSuccessesPerPeriod = Generation != UnionPayGeneration.C || CollectionsPerUnit >= LateChargesPerUnit,
        StatementDayEnds = ClearingDayEnds,
        StatementReadyAt = StatementReadyAt,
    };
}
