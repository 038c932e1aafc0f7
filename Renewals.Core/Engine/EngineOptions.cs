using System.ComponentModel.DataAnnotations;
using NodaTime;
using Renewals.Core.Charging;
using Renewals.Core.Subscriptions;

namespace Renewals.Core.Engine;

/// <summary>Bounds of the engine. Checked at start; a value out of range refuses to start and names the option.</summary>
public sealed class EngineOptions
{
    /// <summary>How many memberships one sweep claims. Default 500, 1 to 5,000.</summary>
    [Range(1, 5_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>How many sweeps run side by side for a merchant account. Default 4, 1 to 64.</summary>
    [Range(1, 64)]
    public int SweepsPerAccount { get; set; } = 4;

    /// <summary>How long a sweep that found nothing rests. Default 1 s, 10 ms to 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a claimed membership is left alone while a rail or the notifier is called. Default 2 min, 10 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan ClaimFor { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many calls of one sweep are under way at once. Default 64, 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int CallsAtOnce { get; set; } = 64;

    /// <summary>An order not sent this long after its commit is given up. Default 60 s, 5 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan SendWithin { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a member may take to sign. Default 2 h, 5 min to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00")]
    public TimeSpan SignWithin { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How often an order is asked for before a person is called. Default 12, 3 to 60.</summary>
    [Range(3, 60)]
    public int MaxAsks { get; set; } = 12;

    /// <summary>How often one order is sent. Default 6, 1 to 20.</summary>
    [Range(1, 20)]
    public int MaxSends { get; set; } = 6;

    /// <summary>How often a notice at the rail is sent for one renewal before a person is called. Default 5, 1 to 20.</summary>
    [Range(1, 20)]
    public int MaxRailNotices { get; set; } = 5;

    /// <summary>
    /// The channels members are told by, such as <c>push</c> and <c>sms</c>, in the order in which they are tried; the notifier knows what they mean.
    /// Default none: the notifier chooses.
    /// </summary>
    public IList<string> NoticeChannels { get; } = [];

    /// <summary>How often telling a member may fail on one channel before the next is tried, or a person called. Default 24, 1 to 200.</summary>
    [Range(1, 200)]
    public int MaxNoticeFailures { get; set; } = 24;

    /// <summary>How often a look at an agreement that had no answer is repeated before the membership goes on without it. Default 3, 1 to 12.</summary>
    [Range(1, 12)]
    public int MaxVerifyAsks { get; set; } = 3;

    /// <summary>How many agreements a membership may have had beside its first. Default 8, 0 to 20.</summary>
    [Range(0, 20)]
    public int MaxBackups { get; set; } = 8;

    /// <summary>How many events a membership may have before a person is called. Default 10,000, 100 to 1,000,000.</summary>
    [Range(100, 1_000_000)]
    public int MaxEvents { get; set; } = 10_000;

    /// <summary>
    /// How long before the member's notice and before a charge an agreement is looked at, at most. Zero: not at all. Default 1 day, 0 to 3 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")]
    public TimeSpan VerifyAhead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>An agreement is looked at no less often than this, where the rail can be asked. Default 30 days, 1 to 365 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan VerifyEvery { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// The share of the rail's rate that looks at agreements take while nothing waits for them; the rest of them comes later. Default 0.1, 0.01 to 1.
    /// </summary>
    [Range(0.01, 1)]
    public double VerificationShare { get; set; } = 0.1;

    /// <summary>The largest callback body that is read, in bytes. Default 64 KiB, 1 KiB to 1 MiB.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxCallbackBytes { get; set; } = 65_536;

    /// <summary>
    /// The fuse of a membership: how many orders it may have within 24 hours. Orders the rail surely does not have do not count. Default 3, 1 to 50.
    /// </summary>
    [Range(1, 50)]
    public int MaxChargesPerMember { get; set; } = 3;

    /// <summary>
    /// The fuse of a merchant account: how many more orders than the forecast it may commit within a minute, on all hosts together. The forecast is what
    /// the book has due when the minute begins, whatever is late included: catching up after an outage never blows it. Set it above the number of
    /// members who sign in a minute. Default 1,000, 0 to 1,000,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxOverForecast { get; set; } = 1_000;

    /// <summary>
    /// Orders a merchant account may commit in a second, on all hosts together. A bound of our own beside the rail's rate, which each host keeps for
    /// itself; it also paces catching up after an outage. Default 100, 1 to 100,000.
    /// </summary>
    [Range(1, 100_000)]
    public int ChargesPerSecond { get; set; } = 100;

    /// <summary>The fuse of declines: how many of an account's last outcomes are looked at. Default 200, 1 to 2,000.</summary>
    [Range(1, 2_000)]
    public int DeclineWindow { get; set; } = 200;

    /// <summary>The fuse of declines: fewer outcomes than this prove nothing. Default 100, 1 to 2,000.</summary>
    [Range(1, 2_000)]
    public int MinOutcomes { get; set; } = 100;

    /// <summary>
    /// The fuse of declines: a greater share of declines stops the account. Orders a member left unpaid while signing do not count. Default 0.9, 0.01 to 1;
    /// 1: never.
    /// </summary>
    [Range(0.01, 1)]
    public double MaxDeclineShare { get; set; } = 0.9;

    /// <summary>
    /// The fuse of strange orders: how many orders of our form that we did not make an account may show within 24 hours. Default 0, 0 to 1,000,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxForeignOrders { get; set; }

    /// <summary>
    /// A renewal whose order goes out later than this after its period began is late, and its money counts towards <see cref="MaxLateMoney"/>. Above the
    /// hours a rail is closed at night. Default 24 h, 1 h to 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan LateAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The money limit of late charges: how much a merchant account may take late within 24 hours, in minor units of each currency by itself. One charge
    /// above it stops the late charges of the account, and only those, until a person raises the limit for this backlog. Default 1,000,000
    /// (10,000.00 yuan), 0 to 1,000,000,000,000,000; 0: nothing goes out late without a person.
    /// </summary>
    [Range(typeof(long), "0", "1000000000000000")]
    public long MaxLateMoney { get; set; } = 1_000_000;

    internal FuseLimits Fuses => new()
    {
        MemberCharges = MaxChargesPerMember,
        OverForecast = MaxOverForecast,
        ChargesPerSecond = ChargesPerSecond,
        OutcomeWindow = DeclineWindow,
        LeastOutcomes = Math.Min(MinOutcomes, DeclineWindow),
        DeclineShare = MaxDeclineShare,
        ForeignOrders = MaxForeignOrders,
        LateAfter = Duration.FromTimeSpan(LateAfter),
        LateMoney = MaxLateMoney,
    };

    internal DecisionLimits Limits => new()
    {
        SendWithin = Duration.FromTimeSpan(SendWithin),
        SignWithin = Duration.FromTimeSpan(SignWithin),
        MaxAsks = MaxAsks,
        MaxSends = MaxSends,
        MaxRailNotices = MaxRailNotices,
        MaxNoticeFailures = MaxNoticeFailures,
        NoticeChannels = NoticeChannels.Count > 0 ? [.. NoticeChannels] : DecisionLimits.Default.NoticeChannels,
        MaxVerifyAsks = MaxVerifyAsks,
        MaxBackups = MaxBackups,
        MaxEvents = MaxEvents,
        VerifyAhead = Duration.FromTimeSpan(VerifyAhead),
        VerifyEvery = Duration.FromTimeSpan(VerifyEvery),
    };
}
