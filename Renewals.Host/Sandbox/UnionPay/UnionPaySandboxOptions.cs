using NodaTime;

namespace Renewals.Host.Sandbox.UnionPay;

/// <summary>How the sandbox is set up: one merchant, registered for one combination of interface, version and signature.</summary>
public sealed record UnionPaySandboxOptions
{
    /// <summary>Keys and names of the merchant and the platform; null (the default) generates them at start.</summary>
    public UnionPaySandboxCredentials? Credentials { get; init; }

    /// <summary>The generation of the collection interface. Default: C.</summary>
    public EntrustGeneration Generation { get; init; } = EntrustGeneration.C;

    /// <summary>Message version: <c>5.1.0</c> (the default) or <c>5.0.0</c>, which signs with certificates only.</summary>
    public string Version { get; init; } = "5.1.0";

    /// <summary>01 certificates (the default), 11 secure key with SHA-256, 12 secure key with SM3.</summary>
    public string SignMethod { get; init; } = "01";

    /// <summary>Card data must come encrypted (敏感信息加密). Default true; false takes it plain only.</summary>
    public bool EncryptedFields { get; init; } = true;

    /// <summary>What answers and notifications say of the card. Default: its number, encrypted to the merchant.</summary>
    public ReturnedCard ReturnedCard { get; init; } = ReturnedCard.Encrypted;

    /// <summary>How far <c>txnTime</c> may be from the rail's clock, either way. Default: 10 minutes; the real one is not published.</summary>
    public Duration TimeTolerance { get; init; } = Duration.FromMinutes(10);

    /// <summary>How long the page of a front transaction can be confirmed. Default: 30 minutes; the real one is not published.</summary>
    public Duration FrontLifetime { get; init; } = Duration.FromMinutes(30);

    /// <summary>Status queries answered per order before 37, too many. Default: 1,000; the real number is not published.</summary>
    public int QueriesPerOrder { get; init; } = 1_000;

    /// <summary>The code of a collection beyond the agreed number per unit. Default: 78; no code of its own is published.</summary>
    public string FrequencyCode { get; init; } = "78";

    /// <summary>Only debit cards are taken; an entrust of a credit card is refused with 68. Default true: so a merchant's contract usually says.</summary>
    public bool DebitCardsOnly { get; init; } = true;

    /// <summary>The most of one collection, in fen; more is refused with 33. Default 5,000 yuan; real limits are in a merchant's contract.</summary>
    public long MostPerCollection { get; init; } = 500_000;

    /// <summary>The most of an entrust in a calendar month, in fen; more is refused with 81. Default 50,000 yuan; as above.</summary>
    public long MostPerMonth { get; init; } = 5_000_000;

    /// <summary>Failures of back transactions are notified too. Default false: sources differ.</summary>
    public bool NotifyFailures { get; init; }

    /// <summary>A clearing day without transactions has a file without rows. Default false: then there is none (98).</summary>
    public bool EmptyFiles { get; init; }

    /// <summary>Which members hold a credit card, by name. Default: nobody.</summary>
    public Predicate<string> HoldsCreditCard { get; init; } = _ => false;

    /// <summary>What becomes of a collection. Asked once per order, under the sandbox's lock: it must be quick.</summary>
    public Func<CollectionDraw, CollectionDecision> Collections { get; init; } = _ => new CollectionDecision();

    /// <summary>What becomes of a void or refund, by its order number; asked once for each.</summary>
    public Func<string, ReversalDecision> Reversals { get; init; } = _ => new ReversalDecision();

    /// <summary>What becomes of the notification of an established entrust, by order number. Default: after one second.</summary>
    public Func<string, NotificationFate> EntrustNotifications { get; init; } = _ => new NotificationFate { Delay = Duration.FromSeconds(1) };

    /// <summary>How many notifications are in flight together, 1 to 64. Default 1: one after another, in the order of their keys.</summary>
    public int CallbacksAtOnce { get; init; } = 1;

    /// <summary>How long the merchant may take to answer a notification, in real time. Default: the rail's 10 s.</summary>
    public TimeSpan CallbackTimeLimit { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>The three incompatible generations of the collection interface (代收).</summary>
public enum EntrustGeneration
{
    /// <summary>About 2015: binding by <c>bindId</c> (绑定).</summary>
    A = 0,

    /// <summary>About 2017: entrust by card number (建立委托).</summary>
    B = 1,

    /// <summary>About 2019: entrust by card number and <c>billNo</c>, with terms on file (签约).</summary>
    C = 2,
}

/// <summary>What the merchant's configuration lets come back of a card.</summary>
public enum ReturnedCard
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>The first six and the last four digits.</summary>
    Masked = 1,

    /// <summary>The number, encrypted to the merchant's signing certificate; masked where there is none (methods 11 and 12).</summary>
    Encrypted = 2,
}
