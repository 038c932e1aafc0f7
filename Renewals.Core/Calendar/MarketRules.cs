using NodaTime;

namespace Renewals.Core.Calendar;

/// <summary>What the law of a market requires before money is taken again.</summary>
/// <param name="Name">Name of the rule set, kept in events.</param>
/// <param name="NoticeDays">A notice must reach the member at least this many times 24 hours before the charge.</param>
/// <param name="NoticeMaxDays">A notice older than this many times 24 hours no longer counts.</param>
public sealed record MarketRules(string Name, int NoticeDays, int NoticeMaxDays)
{
    /// <summary>
    /// Mainland China: five days before automatic renewal the operator draws the member's attention to it (网络交易监督管理办法,
    /// article 18). Thirty days is our own upper bound.
    /// </summary>
    public static MarketRules MainlandChina { get; } = new("mainland-china-2021", 5, 30);

    /// <summary>The shortest time between a notice and the money.</summary>
    public Duration NoticeLead => Duration.FromHours(24 * NoticeDays);

    /// <summary>The longest time between a notice and the money.</summary>
    public Duration NoticeMaxLead => Duration.FromHours(24 * NoticeMaxDays);
}
