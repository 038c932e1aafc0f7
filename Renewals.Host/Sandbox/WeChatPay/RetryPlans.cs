using NodaTime;

namespace Renewals.Host.Sandbox.WeChatPay;

/// <summary>When the rail tries to deliver a callback, as gaps before each try.</summary>
internal static class RetryPlans
{
    /// <summary>Signed and terminated contracts (WeChat Pay papay, sign notification): 30 tries.</summary>
    public static readonly IReadOnlyList<Duration> Contract = Seconds([0, 10, 10, 10, 30, 30, 30, .. Enumerable.Repeat(300, 23)]);

    /// <summary>Results of charges (deduction notification), also used for cashier payments and API v2 refunds: 10 tries.</summary>
    public static readonly IReadOnlyList<Duration> Money = Seconds([0, 15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600]);

    /// <summary>API v3 callbacks (refunds): 15 repeats over a day.</summary>
    public static readonly IReadOnlyList<Duration> V3 = Seconds(
        [0, 15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]);

    private static Duration[] Seconds(IEnumerable<int> gaps) => [.. gaps.Select(gap => Duration.FromSeconds(gap))];
}
